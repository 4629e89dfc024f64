import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { giveUp } from '../../define/index.ts';
import type { PipelineName } from '../../model/asset-key.ts';
import { claimFence } from '../../warehouse/claim-fence.ts';
import { waitFor } from '../support/wait-for.ts';
import { HOUR, hourAt, measure, openMeasures, yieldThree } from './open-measures.ts';

let opened: Awaited<ReturnType<typeof openMeasures>>;
beforeAll(async () => {
  opened = await openMeasures('code_test');
});
beforeEach(() => Object.assign(opened.behaviour, { behave: yieldThree, calls: 0 }));
afterAll(() => opened.stack.close());

test('an hour is what its function yields; asked again it is unchanged, and forced it is made anew', async () => {
  const counts = { files: 1, filesLoaded: 1, filesRejected: 0, filesSkipped: 0, filesEmpty: 0 };
  const lines = { lines: 3, good: 3, duplicate: 0, quarantined: 0 };
  const made = { data: 'fresh', counts: { ...counts, ...lines }, rows: { 'code_test/measures': 3 } };
  expect(await opened.stack.run(hourAt(0))).toEqual({ outcome: 'made', ...made });
  expect(await opened.readRows()).toEqual([
    { name: 'm1', value: 1, line: 1 },
    { name: 'm2', value: 2, line: 2 },
    { name: 'm3', value: 3, line: 3 },
  ]);
  expect(await opened.stack.run(hourAt(0))).toEqual({ outcome: 'unchanged', ...made });
  expect(await opened.stack.run(hourAt(0), { force: true })).toEqual({ outcome: 'made', ...made });
  expect(opened.behaviour.calls).toBe(3);
  // From the lake, without the function.
  expect(await opened.stack.run(hourAt(0), { from: 'transform' })).toEqual({ outcome: 'made', ...made });
  expect(opened.behaviour.calls).toBe(3);
  opened.behaviour.behave = async function* () {
    yield measure(4);
  };
  expect(await opened.stack.run(hourAt(0))).toMatchObject({ outcome: 'made', counts: { lines: 1 } });
  expect(await opened.readRows()).toEqual([{ name: 'm4', value: 4, line: 1 }]);
});

test('until merge, the lake has what was yielded and the tables nothing', async () => {
  expect(await opened.stack.run(hourAt(1), { until: 'merge' })).toMatchObject({
    outcome: 'made',
    data: 'fresh',
    rows: {},
  });
  opened.behaviour.behave = () => giveUp('not to be asked');
  expect(await opened.stack.run(hourAt(1), { from: 'transform' })).toMatchObject({
    outcome: 'made',
    counts: { good: 3 },
  });
});

test('a function that yields nothing makes an empty hour', async () => {
  opened.behaviour.behave = async function* () {};
  const before = await opened.readRows();
  const { outcome, data, counts } = await opened.stack.run(hourAt(2));
  expect({ outcome, data, lines: counts.lines, files: counts.files }).toEqual({
    outcome: 'made',
    data: 'empty',
    lines: 0,
    files: 0,
  });
  expect(await opened.stack.run(hourAt(2))).toMatchObject({ outcome: 'unchanged', data: 'empty' });
  expect(await opened.readRows()).toEqual(before);
});

test('records that the contract refuses are quarantined with their position, the others are loaded', async () => {
  opened.behaviour.behave = async function* () {
    yield measure(1, 'good');
    yield measure('warm', 'bad');
    yield measure(2, 'better');
  };
  expect(await opened.stack.run(hourAt(3))).toMatchObject({ counts: { lines: 3, good: 2, quarantined: 1 } });
  expect(await readQuarantine()).toEqual([
    {
      asset: 'code_test/measures',
      source_key: 'make',
      line: 2,
      reason: 'schema',
      detail: 'value: expected number, received "warm"',
    },
  ]);
});

test('records that JSON cannot carry are quarantined as they are, none is lost', async () => {
  const circle: Record<string, unknown> = { name: 'circle' };
  circle.self = circle;
  const odd = [
    [{ ...measure(1), value: 1n }, 'field value is a bigint'],
    [undefined, 'the record is nothing'],
    [circle, 'Converting circular structure to JSON'],
    [measure(Number.NaN), 'field value is NaN'],
    [{ ...measure(1), more: new Map([['a', 1]]) }, 'field more is a Map'],
    [{ ...measure(1), more: [undefined] }, 'element 0 is undefined'],
    [{ ...measure(1), more: new Date('never') }, 'field more is no date'],
    [{ ...measure(1), more: () => 'a\nb' }, 'field more is a function'],
  ] as const;
  opened.behaviour.behave = async function* () {
    for (const [record] of odd) yield record;
    yield { ...measure(5), gone: undefined, day: new Date(HOUR) };
    yield 7;
  };
  expect(await opened.stack.run(hourAt(4))).toMatchObject({ counts: { lines: 10, good: 1, quarantined: 9 } });
  const held = await readQuarantine('excerpt');
  expect(held.map(({ line, reason }) => [line, reason])).toEqual([
    ...odd.map((_, index) => [index + 1, 'bad_json']),
    [10, 'not_object'],
  ]);
  expect(held.slice(0, odd.length).map(({ excerpt }) => excerpt)).toEqual(
    odd.map(([, problem]) => expect.stringContaining(`not JSON, ${problem}: `) as string),
  );
  expect((await opened.readLines((await opened.readNotes(hourAt(4))).at(-1)!)).map(({ text }) => text)).toEqual([
    ...odd.map(([, problem], index) => `Record ${index + 1} cannot be carried by JSON: ${problem}. It is quarantined.`),
    '10 records, 842 bytes',
  ]);
});

test('log and meta of an hour are kept within their bounds', async () => {
  opened.behaviour.behave = async function* ({ log, meta, window, secret }) {
    expect(window).toEqual({ start: hourAt(9), end: hourAt(10) });
    meta({ stations: 12, note: `by ${secret('TOKEN')}`, none: null });
    meta({ stations: 13, list: [1] as never, long: 'x'.repeat(5_000) });
    log('begun', { n: 1n });
    for (let line = 0; line < 2_100; line += 1) log(`line ${line}`);
    yield* yieldThree();
  };
  await opened.stack.run(hourAt(9));
  const [note] = await opened.readNotes(hourAt(9));
  expect(note).toMatchObject({ failed: false, meta: { stations: 13, note: 'by ***', none: null } });
  const lines = await opened.readLines(note!);
  expect(lines).toHaveLength(2_001);
  expect(lines.slice(0, 4).map(({ text, fields }) => [text, fields])).toEqual([
    ['meta leaves out "list": it is an array, and no single value', undefined],
    ['meta leaves out "long": 4 KB are full', undefined],
    ['begun', '{ n: 1n }'],
    ['line 0', undefined],
  ]);
  expect(lines.at(-1)?.text).toBe('104 more lines were left out: a log holds 2000 lines and 262144 bytes.');
});

test('a partition keeps its latest 20 notes', async () => {
  for (let run = 0; run < 22; run += 1) await opened.stack.run(hourAt(10), { until: 'merge' });
  expect(await opened.readNotes(hourAt(10))).toHaveLength(20);
});

test('an attempt that was overtaken publishes nothing, and the run begins again', async () => {
  const { stack, behaviour } = opened;
  let release: () => void = () => undefined;
  behaviour.behave = async function* () {
    yield measure(behaviour.calls, 'overtaken');
    if (behaviour.calls === 1) await new Promise<void>((resolve) => (release = resolve));
  };
  const { handle } = await stack.start(hourAt(11));
  await waitFor('the function waits', () => behaviour.calls === 1);
  await claimFence(stack.warehouse, { pipeline: 'code_test' as PipelineName, start: hourAt(11) });
  release();
  expect(await handle.result()).toMatchObject({ outcome: 'made', counts: { good: 1 } });
  expect(await opened.readRows()).toEqual([{ name: 'overtaken', value: 2, line: 1 }]);
  expect((await opened.readNotes(hourAt(11))).map(({ failed }) => failed)).toEqual([true, false]);
});

async function readQuarantine(column = 'detail') {
  const { sql } = opened.stack.warehouse;
  return [
    ...(await sql`
      select asset, source_key, line, reason, ${sql(column)}
      from hourloom.quarantine
      where load_id = (select max(load_id) from hourloom.quarantine)
      order by number
    `),
  ] as { readonly line: number; readonly reason: string; readonly excerpt?: string }[];
}
