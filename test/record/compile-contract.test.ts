import * as fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { compileContract } from '../../record/compile-contract.ts';
import { rule } from '../../define/index.ts';
import { compileAccept } from '../../record/accept.ts';
import type { JsonObject } from '../../record/decode-line.ts';
import { money, orNull, timestamp, uuid } from '../../record/contract-types.ts';

const COMPILED: Readonly<Record<string, v.GenericSchema>> = {
  leaves: v.object({ s: v.string(), n: v.number(), b: v.boolean() }),
  literals: v.object({ on: v.literal('vehicle'), n: v.literal(1), nan: v.literal(Number.NaN), no: v.literal(false) }),
  picklist: v.picklist(['a', 'b', 'c']),
  absent: v.object({ a: v.optional(v.string()), b: v.nullable(v.number()), c: v.nullish(v.boolean()) }),
  nested: v.object({
    s: v.nullish(v.object({ n: v.number(), s: v.array(v.nullable(v.string())) })),
    b: v.array(v.array(v.number())),
  }),
  inherited: v.object({ toString: v.optional(v.string()), constructor: v.string() }),
  own: v.object({ a: timestamp(), b: timestamp({ zone: 'UTC' }), c: uuid() }),
  checked: v.object({
    n: v.pipe(v.number(), v.integer(), v.minValue(-1), v.maxValue(1)),
    s: v.pipe(v.string(), v.minLength(1), v.regex(/a/u)),
  }),
  pipes: v.pipe(
    v.object({ a: v.pipe(timestamp(), v.maxLength(20)) }),
    v.check(({ a }) => a !== '', 'empty'),
    v.title('pipes'),
    v.brand('Pipes'),
  ),
  decimals: v.object({
    a: money(),
    n: money({ precision: 3, scale: 1 }),
    s: v.pipe(money(), rule({ version: 1, reason: 'is not 1', holds: (amount) => Number(amount) !== 1 })),
  }),
  ruled: v.pipe(
    v.object({ n: v.number(), s: v.array(v.object({ a: v.pipe(v.string(), v.minLength(1)) })), b: ruled('b is even') }),
    rule({ version: 1, reason: 'n is positive', holds: ({ n }) => n > 0 }),
    rule({ version: 1, reason: 'n is at most 1', holds: ({ n, s }) => throwsAt(s.length === 2) || n <= 1 }),
  ),
};

function ruled(reason: string): v.GenericSchema<string, string> {
  return v.pipe(v.string(), rule({ version: 1, reason, holds: (text) => text.length % 2 === 0 }));
}

function throwsAt(condition: boolean): false {
  if (condition) throw new Error('a rule of the user');
  return false;
}

/** Those that change values: what the predicate does not hold may still pass. */
const CHANGING: Readonly<Record<string, v.GenericSchema>> = {
  'leaves that become null': v.object({
    s: orNull(v.string()),
    n: v.optional(orNull(v.pipe(v.number(), v.minValue(0)))),
  }),
  'objects that become null': v.object({
    s: orNull(v.object({ a: v.string(), b: orNull(uuid()) })),
    b: v.array(orNull(v.number())),
  }),
  'a rule over them': v.pipe(
    v.object({ n: orNull(v.number()), a: orNull(ruled('a is even')), c: v.optional(v.string(), 'none') }),
    rule({ version: 1, reason: 'n or a is there', holds: ({ n, a }) => n !== null || a !== null }),
  ),
  /** Sees a record as a whole, and so what a parse strips. */
  'a rule that counts fields': v.pipe(
    v.object({ s: v.string() }),
    rule({ version: 1, reason: 'has one field', holds: (record) => Object.keys(record).length === 1 }),
  ),
};

const text = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    'vehicle',
    '2019-06-01T18:17:03Z',
    '2019-06-01T18:17:03.087Z',
    '2019-06-01 18:17:03',
    '1899-06-01T18:17:03Z',
    'toString',
  ),
  fc.uuid(),
  fc.uuid().map((id) => id.toUpperCase()),
  fc.string({ maxLength: 3 }),
);
const leaf = fc.oneof(
  text,
  fc.constantFrom(null, undefined, true, false, 0, -0, 1, -1, 0.5, 1e300, Number.NaN),
  fc.double(),
);
const names = fc.constantFrom('s', 'n', 'b', 'on', 'nan', 'no', 'a', 'c', 'toString', 'constructor', 'other');
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(names, tie('value')), { maxLength: 6 }).map((entries) => Object.fromEntries(entries)),
  ),
}));

/** Values that are near what a contract wants, so that both verdicts come up: each leaf is right or not by chance. */
function near(schema: v.GenericSchema): fc.Arbitrary<unknown> {
  const parts = schema as v.GenericSchema & {
    entries?: Readonly<Record<string, v.GenericSchema>>;
    wrapped?: v.GenericSchema;
    item?: v.GenericSchema;
    options?: readonly unknown[];
    literal?: unknown;
  };
  if (parts.entries) {
    const fields = Object.entries(parts.entries).map(([name, entry]) => fc.tuple(fc.constant(name), near(entry)));
    const some = fc
      .tuple(...fields)
      .chain((entries) =>
        fc.oneof({ weight: 3, arbitrary: fc.constant(entries) }, { weight: 1, arbitrary: fc.subarray(entries) }),
      );
    return some.map((entries) => Object.fromEntries(entries));
  }
  if (parts.wrapped) return fc.oneof(near(parts.wrapped), fc.constantFrom(null, undefined));
  if (parts.item) return fc.array(near(parts.item), { maxLength: 3 });
  const right = [
    ...(parts.type === 'union' ? [] : (parts.options ?? [])),
    ...('literal' in parts ? [parts.literal] : []),
    ...(parts.type === 'string' ? ['a', '2019-06-01T18:17:03Z', '3a3eb23a-f22e-4fe9-8c20-f37220a81909'] : []),
    ...(parts.type === 'number' ? [0, 1, -1] : []),
    ...(parts.type === 'union' ? ['21.00', '1', 12.5, 0.1 + 0.2, '1234567890123456', 1e-7] : []),
    ...(parts.type === 'boolean' ? [true] : []),
  ];
  return fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...right) }, { weight: 1, arbitrary: leaf });
}

test.for(Object.entries(COMPILED))('says of every value what a parse says: %s', ([, schema]) => {
  const holds = compileContract(schema)!;
  const verdicts = new Set<boolean>();
  fc.assert(
    fc.property(fc.oneof({ weight: 3, arbitrary: near(schema) }, { weight: 1, arbitrary: value }), (input) => {
      const { success } = v.safeParse(schema, input);
      verdicts.add(success);
      expect(holds(input)).toBe(success);
    }),
    { numRuns: 2_000 },
  );
  expect(verdicts).toEqual(new Set([true, false]));
});

test.for(Object.entries({ ...COMPILED, ...CHANGING }))(
  'accepts what a parse accepts, as the parse gives it: %s',
  ([, schema]) => {
    const accept = compileAccept(schema);
    const verdicts = new Set<boolean>();
    fc.assert(
      fc.property(fc.oneof({ weight: 3, arbitrary: near(schema) }, { weight: 1, arbitrary: value }), (input) => {
        const before = structuredClone(input);
        const parsed = v.safeParse(schema, input);
        const accepted = accept(input as JsonObject, countNames(input));
        verdicts.add(parsed.success);
        expect(accepted.kind === 'good').toBe(parsed.success);
        // What no contract names may stay: it is never read.
        if (accepted.kind === 'good') expect(v.parse(stripping(schema), accepted.value)).toEqual(parsed.output);
        expect(input).toEqual(before);
      }),
      { numRuns: 2_000 },
    );
    expect(verdicts).toEqual(new Set([true, false]));
  },
);

/** The contract without its own rules, so that a value that they have seen can be parsed again. */
function stripping(schema: v.GenericSchema): v.GenericSchema {
  return 'pipe' in schema ? (schema.pipe as readonly v.GenericSchema[])[0]! : schema;
}

function countNames(input: unknown): number {
  if (typeof input !== 'object' || input === null) return 0;
  const own = Array.isArray(input) ? 0 : Object.keys(input).length;
  return Object.values(input).reduce((names: number, inner) => names + countNames(inner), own);
}

test.for([
  ['a default', v.object({ a: v.optional(v.string(), 'x') })],
  ['a fallback', v.object({ a: v.fallback(v.string(), 'x') })],
  ['a transformation', v.object({ a: v.pipe(v.string(), v.trim()) })],
  ['a union', v.object({ a: v.union([v.string(), v.number()]) })],
  ['a strict object', v.strictObject({ a: v.string() })],
  ['a record', v.array(v.record(v.string(), v.string()))],
] as const)('leaves a contract with %s to the parse', ([, schema]) => {
  expect(compileContract(schema)).toBeUndefined();
});
