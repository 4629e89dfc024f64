import * as v from 'valibot';
import { expect, test } from 'vitest';
import { door2door } from '../../assets/index.ts';
import { findPipeline, hourly, key, money, pipeline, s3Files, table } from '../../define/index.ts';

const source = s3Files('s3://shop/{yyyy}-{MM}-{dd}-{HH}.json');
const window = hourly('2026-01-01T00');
const Sale = v.object({ id: v.string(), hour: v.number(), paid: money({ precision: 40, scale: 2 }) });

test('Parquet is no part of how rows are made: code versions are the same with it and without', () => {
  const sales = table(Sale, ({ id }) => ({ id: key(id) }));
  const versions = [true, false, undefined].map((parquet) => {
    const { spec } = findPipeline(
      pipeline('shop', { source, window, tables: { sales }, ...(parquet === undefined ? {} : { parquet }) }),
    )!;
    return spec.tables[0]!.codeVersion;
  });
  expect(new Set(versions).size).toBe(1);
});

test('door2door is Parquet too, in each of its tables', () => {
  expect(findPipeline(door2door)!.spec.tables.map(({ name, parquet }) => [name, parquet])).toEqual([
    ['vehicle_location', true],
    ['operating_periods', true],
  ]);
});

test('a column must not be called as a folder is', () => {
  const sales = table(Sale, ({ id, hour }) => ({ id: key(id), hour }));
  expect(() => pipeline('shop', { source, window, tables: { sales }, parquet: true })).toThrow(
    /is Parquet too, whose folders are called "hour" where the column is. Rename the column./u,
  );
  expect(() => pipeline('shop', { source, window, tables: { sales } })).not.toThrow();
});

test('a decimal must not have more digits than Parquet knows', () => {
  const sales = table(Sale, ({ id, paid }) => ({ id: key(id), paid }));
  expect(() => pipeline('shop', { source, window, tables: { sales }, parquet: true })).toThrow(
    /has at most 38 digits: column "paid" is numeric\(40,2\)/u,
  );
});
