import * as fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { compileContract } from '../../record/compile-contract.ts';
import { timestamp, uuid } from '../../record/contract-types.ts';

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
    ...(parts.options ?? []),
    ...('literal' in parts ? [parts.literal] : []),
    ...(parts.type === 'string' ? ['a', '2019-06-01T18:17:03Z', '3a3eb23a-f22e-4fe9-8c20-f37220a81909'] : []),
    ...(parts.type === 'number' ? [0, 1, -1] : []),
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
