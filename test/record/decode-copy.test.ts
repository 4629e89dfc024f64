import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ColumnSpec, ColumnType } from '../../model/column.ts';
import { columnTypeFacts } from '../../record/column-type.ts';
import { CopyStream } from '../../record/copy-stream.ts';
import type { DecimalSize } from '../../record/decimal.ts';
import { CopyDecoder } from '../../record/decode-copy.ts';
import type { PlainRow } from '../../record/decode-copy.ts';

const TYPES: readonly ColumnType[] = [
  ...(['text', 'uuid', 'boolean', 'bigint', 'double precision', 'timestamptz', 'jsonb'] as const),
  ...(['numeric(19,4)', 'numeric(12,0)', 'numeric(5,5)'] as const),
];
const columns = TYPES.map((type): Pick<ColumnSpec, 'name' | 'type'> => ({ name: type, type }));

/** Writes rows as the road does, with a chunk after every third, and reads them back. */
function roundTrip(rows: readonly PlainRow[]): readonly PlainRow[] {
  const stream = new CopyStream();
  const decoder = new CopyDecoder(columns);
  const chunks: Buffer[] = [];
  for (const [index, row] of rows.entries()) {
    stream.begin(TYPES.length);
    for (const type of TYPES) {
      if (row[type] === null) stream.row.writeInt32(-1);
      else columnTypeFacts(type).write(stream.row, row[type]);
    }
    stream.keep();
    if (index % 3 === 2) chunks.push(stream.take());
  }
  chunks.push(stream.finish());
  return chunks.flatMap((chunk) => [...decoder.read(chunk)]);
}

const nullable = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: null });
const millisecond = fc.integer({ min: Date.parse('1900-01-01'), max: Date.parse('2100-12-31') });

/** Decimals as Postgres prints them. */
function decimals(size: DecimalSize): fc.Arbitrary<string> {
  const most = 10n ** BigInt(size.precision) - 1n;
  return fc.bigInt({ min: -most, max: most }).map((units) => {
    const digits = String(units < 0n ? -units : units).padStart(size.scale + 1, '0');
    const point = digits.length - size.scale;
    const text = size.scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
    return units < 0n ? `-${text}` : text;
  });
}

test('reads back what was written, whatever the values', () => {
  const row = fc.record({
    text: nullable(fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', ''))),
    uuid: nullable(fc.uuid()),
    boolean: nullable(fc.boolean()),
    bigint: nullable(fc.maxSafeInteger()),
    'double precision': nullable(fc.double({ noNaN: true })),
    timestamptz: nullable(millisecond.map((at) => new Date(at).toISOString())),
    jsonb: nullable(fc.array(fc.string({ unit: 'grapheme-ascii' }))),
    'numeric(19,4)': nullable(decimals({ precision: 19, scale: 4 })),
    'numeric(12,0)': nullable(decimals({ precision: 12, scale: 0 })),
    'numeric(5,5)': nullable(decimals({ precision: 5, scale: 5 })),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 8 }), (rows) => {
      expect(roundTrip(rows)).toEqual(rows);
    }),
  );
});

test('prints microseconds where there are any, also before 1970', () => {
  const none = Object.fromEntries(TYPES.map((type) => [type, null]));
  const times = ['2019-06-01T18:17:03.087001Z', '1969-12-31T23:59:59.999999Z', '2019-06-01T18:17:03.000Z'];
  const rows = times.map((timestamptz) => ({ ...none, timestamptz }));
  expect(roundTrip(rows)).toEqual(rows);
});
