import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { DefinitionError, findPipeline, hourly, key, pipeline, rule, s3Files, table } from '../../define/index.ts';
import { describeContract } from '../../define/describe-contract.ts';
import { compileAccept } from '../../record/accept.ts';

const Reading = v.object({ low: v.number(), high: v.number(), note: v.optional(v.string()) });

function judged(holds: (reading: v.InferOutput<typeof Reading>) => boolean, record: object = { low: 1, high: 2 }) {
  const contract = v.pipe(Reading, rule({ version: 1, reason: 'low is above high', holds }));
  return compileAccept(contract)(record as never, Object.keys(record).length);
}

describe('a rule', () => {
  test('lets pass what it holds for, and holds the rest back with its reason', () => {
    expect(judged(({ low, high }) => low <= high)).toMatchObject({ kind: 'good', value: { low: 1, high: 2 } });
    expect(judged(({ low, high }) => low > high)).toEqual({
      kind: 'quarantined',
      reason: 'rule',
      detail: 'low is above high',
    });
  });

  test('that throws holds back the record that it threw at', () => {
    const thrown = judged(() => {
      throw new TypeError('Cannot read properties of undefined');
    });
    expect(thrown).toEqual({
      kind: 'quarantined',
      reason: 'rule',
      detail: 'low is above high: the rule threw "Cannot read properties of undefined"',
    });
  });

  test('that gives a promise holds everything back, and no rejection is left behind', () => {
    const late = (async () => Promise.reject(new Error('late'))) as unknown as () => boolean;
    expect(judged(late)).toMatchObject({
      reason: 'rule',
      detail: 'low is above high: the rule gave object in place of true or false',
    });
  });

  test('is not asked of what breaks the rest of the contract', () => {
    const seen: unknown[] = [];
    const holds = (reading: unknown) => seen.push(reading) > 0;
    expect(judged(holds, { low: 1 })).toMatchObject({
      reason: 'schema',
      detail: 'high: expected a value, received nothing',
    });
    expect(seen).toEqual([]);
  });

  test('of one value says where it stands', () => {
    const even = rule<number>({ version: 1, reason: 'is odd', holds: (value) => value % 2 === 0 });
    const accept = compileAccept(v.object({ seats: v.array(v.pipe(v.number(), even)) }));
    expect(accept({ seats: [2, 3] })).toEqual({ kind: 'quarantined', reason: 'rule', detail: 'seats.1: is odd' });
  });

  test('never sees what its contract does not name', () => {
    const names: string[][] = [];
    const holds = (reading: object) => names.push(Object.keys(reading)) > 0;
    expect(judged(holds, { low: 1, high: 2, more: 3 })).toMatchObject({ kind: 'good', value: { low: 1, high: 2 } });
    expect(names.at(-1)).toEqual(['low', 'high']);
  });
});

describe('a contract with a rule is described', () => {
  const described = (version: number, reason: string) =>
    describeContract('here', v.pipe(Reading, rule({ version, reason, holds: () => true })));

  test('by version and reason: either tells it from another', () => {
    expect(described(1, 'low is above high')).toEqual(described(1, 'low is above high'));
    expect(described(2, 'low is above high')).not.toEqual(described(1, 'low is above high'));
    expect(described(1, 'other')).not.toEqual(described(1, 'low is above high'));
    expect(described(1, 'low is above high')).not.toEqual(describeContract('here', Reading));
  });
});

const holds = (): boolean => true;

test.for([
  ['no version', { reason: 'r', holds }, /^rule\(\): has no `version`, a whole number from 1 on\./u],
  ['half a version', { version: 1.5, reason: 'r', holds }, /has no `version`/u],
  ['version 0', { version: 0, reason: 'r', holds }, /has no `version`/u],
  ['no reason', { version: 1, reason: ' ', holds }, /has no `reason`\. Say in a sentence/u],
  ['nothing to ask', { version: 1, reason: 'r' }, /has no `holds`\. Give a function/u],
] as const)('a rule with %s is refused', ([, options, message]) => {
  const make = () => rule(options as Parameters<typeof rule>[0]);
  expect(make).toThrow(DefinitionError);
  expect(make).toThrow(message);
});

test('of a rule the text is watched, wherever it stands, and is no part of the code version', () => {
  const specOf = (contract: v.GenericSchema<unknown, { readonly id: string; readonly low: number }>) =>
    findPipeline(
      pipeline('ruled', {
        source: s3Files('s3://ruled/{yyyy}-{MM}-{dd}-{HH}.json'),
        window: hourly('2026-01-01T00'),
        tables: { readings: table(contract, ({ id, low }) => ({ id: key(id), low })) },
      }),
    )!.spec.tables[0]!;
  const Plain = v.object({ id: v.string(), low: v.number() });
  const ruled = (holds: (low: number) => boolean) =>
    specOf(v.object({ id: v.string(), low: v.pipe(v.number(), rule({ version: 1, reason: 'low is low', holds })) }));
  const [one, other] = [ruled((low) => low < 10), ruled((low) => low <= 10)];
  expect(specOf(Plain).functionDigest).toBeUndefined();
  expect(one.functionDigest).toMatch(/^[0-9a-f]{64}$/u);
  expect(other.functionDigest).not.toBe(one.functionDigest);
  expect(other.codeVersion).toBe(one.codeVersion);
});
