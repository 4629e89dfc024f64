import postgres from 'postgres';
import * as fc from 'fast-check';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { columnTypeFacts } from '../../record/column-type.ts';
import { columnTypeOf, money } from '../../record/contract-types.ts';
import { CopyStream } from '../../record/copy-stream.ts';
import { formatDecimal, isDecimal } from '../../record/decimal.ts';
import { createDatabase } from '../support/services.ts';

let sql: postgres.Sql;
beforeAll(async () => {
  sql = postgres(await createDatabase(), { max: 1 });
  await sql`create table amount (place bigint, money numeric(19,4), whole numeric(6,0), fine numeric(30,20))`;
});
afterAll(() => sql.end());

const TYPES = ['numeric(19,4)', 'numeric(6,0)', 'numeric(30,20)'] as const;

/** What Postgres prints of amounts that were written by the encoder, a row of three columns each. */
async function roundTrip(rows: readonly (readonly (string | number)[])[]): Promise<readonly (readonly string[])[]> {
  const stream = new CopyStream();
  for (const [place, amounts] of rows.entries()) {
    stream.begin(4);
    columnTypeFacts('bigint').write(stream.row, place);
    for (const [index, amount] of amounts.entries())
      expect(columnTypeFacts(TYPES[index]!).write(stream.row, amount)).toBeUndefined();
    stream.keep();
  }
  return sql.begin(async (tx) => {
    await tx`truncate amount`;
    const copy = await tx.unsafe('copy amount from stdin (format binary)').writable();
    await new Promise<void>((resolve, reject) => {
      copy.on('error', reject).on('finish', resolve).end(stream.finish());
    });
    const read = await tx`select money::text, whole::text, fine::text from amount order by place`;
    return read.map((row) => [String(row['money']), String(row['whole']), String(row['fine'])]);
  });
}

test('writes amounts as Postgres reads their text', async () => {
  const written = await roundTrip([
    ['21.00', 0, '0.00000000000000000001'],
    ['-0', '-0.0', 1e-20],
    ['999999999999999.9999', 999_999, '9999999999.99999999999999999999'],
    [-0.5, -10_000, '10000.0001'],
    ['0000120000', '10000', '00010000'],
    [1e14, 1e5, 1e9],
  ]);
  expect(written).toEqual([
    ['21.0000', '0', '0.00000000000000000001'],
    ['0.0000', '0', '0.00000000000000000001'],
    ['999999999999999.9999', '999999', '9999999999.99999999999999999999'],
    ['-0.5000', '-10000', '10000.00010000000000000000'],
    ['120000.0000', '10000', '10000.00000000000000000000'],
    ['100000000000000.0000', '100000', '1000000000.00000000000000000000'],
  ]);
});

const digits = (most: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: most }).map((all) => all.join(''));
const amount = (before: number, after: number) =>
  fc
    .tuple(fc.constantFrom('', '-'), digits(before), digits(after))
    .map(([sign, whole, fraction]) => `${sign}${whole === '' ? '0' : whole}${fraction === '' ? '' : `.${fraction}`}`);

test('writes any amount that fits exactly, and prints it as Postgres does', async () => {
  const row = fc.tuple(amount(15, 4), amount(6, 0), amount(10, 20));
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 50 }), async (rows) => {
      const expected = await sql<{ money: string; whole: string; fine: string }[]>`
        select money::numeric(19,4)::text as money, whole::numeric(6,0)::text as whole, fine::numeric(30,20)::text as fine
        from unnest(${rows.map(([money]) => money)}::text[], ${rows.map(([, whole]) => whole)}::text[], ${rows.map(([, , fine]) => fine)}::text[])
          with ordinality as given (money, whole, fine, place)
        order by place
      `;
      const read = await roundTrip(rows);
      expect(read).toEqual(expected.map(({ money, whole, fine }) => [money, whole, fine]));
      expect(rows.map(([money]) => formatDecimal(money, { precision: 19, scale: 4 }))).toEqual(
        expected.map(({ money }) => money),
      );
    }),
    { numRuns: 30 },
  );
});

test.for<[string, unknown, boolean]>([
  ['zeros at the end, however many', '21.00000000', true],
  ['zeros in front', '007.50', true],
  ['more digits after the point than there is room for', '21.00005', false],
  ['more digits before the point', '1234567890123456', false],
  ['a sum of doubles', 0.1 + 0.2, false],
  ['a large double', 1e21, false],
  ['a small double', 1e-7, false],
  ['no number', Number.NaN, false],
  ['infinity', Number.POSITIVE_INFINITY, false],
  ['an exponent', '1e3', false],
  ['a sign alone', '-', false],
  ['a plus', '+1', false],
  ['a point alone', '.5', false],
  ['a comma', '1,5', false],
  ['blanks', ' 1 ', false],
  ['an empty text', '', false],
  ['a truth', true, false],
])('knows whether an amount fits as it is: %s', ([, value, fits]) => {
  expect(isDecimal(value, { precision: 19, scale: 4 })).toBe(fits);
  expect(v.is(money(), value)).toBe(fits);
});

test('makes one of each way to write an amount: text, number, zeros', () => {
  const bytes = ['21', '21.00', 21, '021.0000'].map((value) => {
    const stream = new CopyStream();
    columnTypeFacts('numeric(19,4)').write(stream.row, value);
    return stream.row.take().toString('hex');
  });
  expect(new Set(bytes).size).toBe(1);
});

test('makes a column of its size, and says what it expected', () => {
  expect(columnTypeOf(money())).toEqual({ type: 'numeric(19,4)', nullable: false });
  expect(columnTypeOf(v.nullish(money({ precision: 12, scale: 2 })))).toEqual({
    type: 'numeric(12,2)',
    nullable: true,
  });
  const { issues } = v.safeParse(money({ precision: 12, scale: 2 }), '1.005');
  expect(issues?.[0].expected).toBe('a decimal with at most 10 digits before and 2 after the point');
  for (const size of [
    { precision: 0 },
    { scale: -1 },
    { precision: 2, scale: 3 },
    { precision: 1.5 },
    { precision: 1_001 },
  ])
    expect(() => money(size)).toThrow(/^money\(\): precision .* is no size\./u);
});
