import * as v from 'valibot';
import type { GenericSchema } from 'valibot';
import { describe, expect, test } from 'vitest';
import { DefinitionError, money, orNull, timestamp, uuid } from '../../define/index.ts';
import { describeContract } from '../../define/describe-contract.ts';

function describeIt(contract: GenericSchema): unknown {
  return describeContract('here', contract);
}

test('a contract becomes data of what it accepts', () => {
  const contract = v.object({
    at: timestamp(),
    on: v.literal('car'),
    size: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1))),
  });
  expect(describeIt(contract)).toEqual({
    type: 'object',
    entries: {
      at: { pipe: [{ hourloom: { type: 'timestamptz' } }] },
      on: { type: 'literal', literal: 'car' },
      size: {
        type: 'nullish',
        wrapped: { pipe: [{ type: 'number' }, { type: 'integer' }, { type: 'min_value', requirement: 1 }] },
      },
    },
  });
});

test('what becomes null, and how large an amount can be, are part of it', () => {
  expect(describeIt(v.object({ size: orNull(v.number()), cost: money({ precision: 12, scale: 2 }) }))).toEqual({
    type: 'object',
    entries: {
      size: { type: 'nullable', wrapped: { type: 'number' }, orNull: true },
      cost: { pipe: [{ hourloom: { type: 'numeric(12,2)' } }] },
    },
  });
});

describe('two contracts are described alike', () => {
  test.each<readonly [string, GenericSchema, GenericSchema]>([
    ['made twice', v.object({ id: uuid(), at: timestamp() }), v.object({ id: uuid(), at: timestamp() })],
    [
      'with fields in another order',
      v.object({ a: v.string(), b: v.number() }),
      v.object({ b: v.number(), a: v.string() }),
    ],
    [
      'with other words for people',
      v.pipe(
        v.string(),
        v.title('Name'),
        v.description('Of a person'),
        v.metadata({ owner: 'us' }),
        v.examples(['Ann']),
      ),
      v.pipe(v.string()),
    ],
    [
      'with other messages',
      v.pipe(
        v.string('Text!'),
        v.minLength(3, () => 'Longer!'),
      ),
      v.pipe(v.string(), v.minLength(3)),
    ],
    [
      'with a brand',
      v.pipe(v.string(), v.minLength(3), v.brand('Name'), v.readonly()),
      v.pipe(v.string(), v.minLength(3)),
    ],
  ])('%s', (_, one, other) => {
    expect(describeIt(one)).toEqual(describeIt(other));
  });
});

describe('two contracts are told apart', () => {
  test.each<readonly [string, GenericSchema, GenericSchema]>([
    ['by a type', v.object({ a: v.string() }), v.object({ a: v.number() })],
    ['by a name', v.object({ a: v.string() }), v.object({ b: v.string() })],
    ['by what may be absent', v.object({ a: v.string() }), v.object({ a: v.optional(v.string()) })],
    ['by null and absent', v.nullable(v.string()), v.optional(v.string())],
    ['by a default', v.optional(v.string(), 'a'), v.optional(v.string(), 'b')],
    ['by a fallback', v.fallback(v.string(), 'a'), v.string()],
    ['by a fallback behind a pipe', v.fallback(timestamp(), '2019-06-01T00:00:00Z' as never), timestamp()],
    ['by the value of a literal', v.literal('1'), v.literal(1)],
    ['by a number of any size', v.literal(1n), v.literal('1n')],
    ['by the choices of a list', v.picklist(['a']), v.picklist(['a', 'b'])],
    ['by being strict', v.object({ a: v.string() }), v.strictObject({ a: v.string() })],
    [
      'by what lies deeper',
      v.object({ a: v.object({ b: v.string() }) }),
      v.object({ a: v.object({ b: v.boolean() }) }),
    ],
    ['by the items of a list', v.array(v.string()), v.array(v.number())],
    ['by the alternatives of a union', v.union([v.string(), v.number()]), v.union([v.string(), v.boolean()])],
    ['by a check', v.pipe(v.string(), v.minLength(3)), v.pipe(v.string(), v.maxLength(3))],
    ['by the bound of a check', v.pipe(v.string(), v.minLength(3)), v.pipe(v.string(), v.minLength(4))],
    ['by a bound without end', v.pipe(v.number(), v.maxValue(Infinity)), v.pipe(v.number(), v.maxValue(Number.NaN))],
    [
      'by the order of steps',
      v.pipe(v.string(), v.trim(), v.minLength(3)),
      v.pipe(v.string(), v.minLength(3), v.trim()),
    ],
    ['by a pattern', v.pipe(v.string(), v.regex(/a/u)), v.pipe(v.string(), v.regex(/a/iu))],
    ['by a check that is a function of valibot', v.pipe(v.number(), v.integer()), v.pipe(v.number(), v.finite())],
    ['by a check below another', v.pipe(v.pipe(v.string(), v.minLength(3)), v.trim()), v.pipe(v.string(), v.trim())],
    ['by one of our types', uuid(), timestamp()],
    ['by one of our types and a text', uuid(), v.pipe(v.string(), v.brand('Uuid'))],
    ['by the zone of a timestamp', timestamp(), timestamp({ zone: 'UTC' })],
    ['by what stands on one of our types', v.pipe(uuid(), v.startsWith('0')), v.pipe(v.string(), v.startsWith('0'))],
  ])('%s', (_, one, other) => {
    expect(describeIt(one)).not.toEqual(describeIt(other));
  });

  test.each(['kind', 'type', 'message', 'reference', 'async', 'expects', 'pipe', 'metadata', 'fallback'])(
    'by a field that is called "%s", like a member of a schema',
    (name) => {
      const ofType = (schema: GenericSchema) => v.object({ kind: v.string(), reference: v.string(), [name]: schema });
      expect(describeIt(ofType(v.string()))).not.toEqual(describeIt(ofType(v.number())));
    },
  );
});

describe('a contract with a function of its own is refused, as nobody can tell when it changed', () => {
  test.each<readonly [string, GenericSchema]>([
    [
      'check',
      v.pipe(
        v.string(),
        v.check((text) => text !== ''),
      ),
    ],
    [
      'raw_check',
      v.pipe(
        v.string(),
        v.rawCheck(() => undefined),
      ),
    ],
    [
      'partial_check',
      v.pipe(
        v.object({ a: v.string() }),
        v.partialCheck([['a']], () => true),
      ),
    ],
    [
      'check_items',
      v.pipe(
        v.array(v.string()),
        v.checkItems(() => true),
      ),
    ],
    [
      'transform',
      v.pipe(
        v.string(),
        v.transform((text) => text.length),
      ),
    ],
    [
      'raw_transform',
      v.pipe(
        v.string(),
        v.rawTransform(() => 1),
      ),
    ],
    [
      'guard',
      v.pipe(
        v.string(),
        v.guard((text): text is 'a' => text === 'a'),
      ),
    ],
    ['custom', v.custom<string>(() => true)],
    ['lazy', v.lazy(() => v.string())],
    ['instance', v.instance(Date)],
    ['optional', v.optional(v.string(), () => 'now')],
    ['string', v.fallback(v.string(), () => 'now')],
  ])('%s', (type, schema) => {
    expect(() => describeIt(v.object({ field: schema }))).toThrow(
      new DefinitionError(
        'here',
        `the contract's "${type}" holds a function, which cannot be compared. Use the built-in checks of valibot.`,
      ),
    );
  });

  test('also where one of our types stands below it', () => {
    expect(() =>
      describeIt(
        v.pipe(
          timestamp(),
          v.check(() => true),
        ),
      ),
    ).toThrow(DefinitionError);
  });

  test('but not the checks whose function is of valibot', () => {
    const checks = [v.integer(), v.safeInteger(), v.finite()];
    expect(checks.map((check) => describeIt(v.pipe(v.number(), check)))).toEqual([
      { pipe: [{ type: 'number' }, { type: 'integer' }] },
      { pipe: [{ type: 'number' }, { type: 'safe_integer' }] },
      { pipe: [{ type: 'number' }, { type: 'finite' }] },
    ]);
    expect(describeIt(v.pipe(v.string(), v.url()))).toEqual({ pipe: [{ type: 'string' }, { type: 'url' }] });
  });
});
