import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import {
  around,
  daily,
  DefinitionError,
  derived,
  findDerived,
  findDerivedFunction,
  hourly,
  key,
  pipeline,
  s3Files,
  sql,
  table,
  timestamp,
  uuid,
  window,
} from '../../define/index.ts';
import type { ComputeInput } from '../../define/index.ts';
import type { DerivedSpec } from '../../model/derived-spec.ts';

const Car = v.object({ id: uuid(), at: timestamp() });
const cars = table(Car, ({ id, at }) => ({ id: key(id), at }));
const source = s3Files('s3://traffic/{yyyy}-{MM}-{dd}-{HH}.json');
const traffic = pipeline('traffic', { source, window: hourly('2019-06-01T18'), tables: { cars } });
const transit = pipeline('transit', { source, window: hourly('2018-02-03T04'), tables: { cars } });

const row = v.object({ id: uuid(), seats: v.nullable(v.pipe(v.number(), v.integer())) });
const statement = sql`select id, 5::bigint as seats from ${traffic.cars} where at <@ ${window}`;
async function* compute({ read }: Pick<ComputeInput, 'read'>) {
  for await (const { id } of read(traffic.cars)) yield { id, seats: 5 };
}
const byFunction = { window: daily(), key: ['id'], row, version: 1, reads: [traffic.cars], compute };

/** A definition in plain JavaScript, where no compiler says no. */
function define(options: object): DerivedSpec {
  const spec = findDerived(derived('traffic/seats', { ...byFunction, ...options } as never));
  if (!spec) throw new Error('this is no derived asset');
  return spec;
}

describe('a derived asset that is computed by a function', () => {
  const version = define({}).table.codeVersion;

  test('is plain data too: the version stands for the function', () => {
    const { reads, computation } = define({});
    expect({ reads, computation }).toEqual({
      reads: [{ asset: 'traffic/cars', mapping: { kind: 'within' } }],
      computation: {
        kind: 'function',
        version: 1,
        functionDigest: expect.stringMatching(/^[0-9a-f]{64}$/u) as string,
      },
    });
  });

  test('reads neighbouring windows where it says so, and its tables sorted by asset', () => {
    const reads = [transit.cars, around(traffic.cars, { offset: -1, count: 2 })];
    expect(define({ window: hourly(), reads }).reads).toEqual([
      { asset: 'traffic/cars', mapping: { kind: 'around', offset: -1, count: 2 } },
      { asset: 'transit/cars', mapping: { kind: 'same' } },
    ]);
  });

  test('has a code version that leaves out what the function says', () => {
    const other = define({ compute: async function* () {} });
    expect(other.table.codeVersion).toBe(version);
  });

  test.each<[string, object]>([
    ['version', { version: 2 }],
    [
      'contract',
      { row: v.object({ ...row.entries, seats: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1))) }) },
    ],
    ['reads', { reads: [traffic.cars, transit.cars] }],
    ['way to be computed', { sql: statement, compute: undefined, version: undefined, reads: undefined }],
  ])('has a code version that changes with its %s', (_, options) => {
    expect(define({ ...options }).table.codeVersion).not.toBe(version);
  });

  test('reads only what it says it reads', async () => {
    const reads = [transit.cars];
    const made = findDerivedFunction(derived('traffic/seats', { key: ['id'], row, version: 1, reads, compute }))!;
    const read = () => (async function* () {})();
    const rows = made.compute({ window: undefined, read, signal: new AbortController().signal });
    await expect(rows[Symbol.asyncIterator]().next()).rejects.toThrow(
      new DefinitionError("derived 'traffic/seats'", 'its function reads "traffic/cars", which `reads` does not name.'),
    );
  });
});

describe('a derived asset that is computed by a function is refused', () => {
  const BOTH = 'has both `sql` and `compute`. Its rows come from one of them: leave one out.';
  const NO_VERSION =
    'its function has no `version`. Write version: 1, and raise it whenever the function gives other rows.';

  test.each<[string, object, string]>([
    ['it has a statement and a function', { sql: statement }, BOTH],
    ['its function has no version', { version: undefined }, NO_VERSION],
    ['the version of its function is none', { version: 0.5 }, NO_VERSION],
    [
      'its function reads nothing',
      { reads: [] },
      'reads no table. Name those of its function: reads: [door2door.vehicle_location].',
    ],
    [
      'its function reads what is no table of a pipeline',
      { reads: [cars] },
      '`reads` holds something else than a table. Name those it reads.',
    ],
    [
      'its function reads a table twice',
      { reads: [traffic.cars, around(traffic.cars, { offset: -1, count: 2 })] },
      '`reads` names "traffic/cars" twice. Say once which windows are read.',
    ],
    [
      'its function is none',
      { compute: 'select 1' },
      'its `compute` is no function. Write it as async *compute({ read }) { … }.',
    ],
    [
      'the contract of its function holds a function',
      {
        ...byFunction,
        row: v.object({
          id: v.pipe(
            v.string(),
            v.check((id) => id !== ''),
          ),
        }),
      },
      'the contract\'s "check" holds a function, which cannot be compared. Use the built-in checks of valibot.',
    ],
  ])('when %s', (_, options, problem) => {
    expect(() => define(options)).toThrow(new DefinitionError("derived 'traffic/seats'", problem));
  });
});
