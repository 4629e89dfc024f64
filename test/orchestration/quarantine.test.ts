import * as v from 'valibot';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { list } from '../../cli/commands/quarantine/list.ts';
import { replay } from '../../cli/commands/quarantine/replay.ts';
import { show } from '../../cli/commands/quarantine/show.ts';
import { findPipeline, hourly, key, pipeline, s3Files, table, timestamp } from '../../define/index.ts';
import type { Pipeline } from '../../define/index.ts';
import { readEventCounts } from '../../model/event-counts.ts';
import { readVisible } from '../../warehouse/read-ledger.ts';
import { deleteObjects } from '../hour/delete-objects.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { askCommand } from './ask-command.ts';
import { deployWorker } from './deploy-worker.ts';

// Hours are made one after the other; on a busy computer each takes its time.
vi.setConfig({ testTimeout: 90_000 });

const HOUR_MS = 3_600_000;
const FIRST = Date.parse('2026-03-01T00:00:00Z');
const hourAt = (index: number): number => FIRST + index * HOUR_MS;

function declare(value: v.GenericSchema<unknown, number>): Pipeline {
  const Reading = v.object({ id: v.string(), at: timestamp(), value });
  return pipeline('held', {
    source: s3Files('s3://held/in/{yyyy}-{MM}-{dd}-{HH}-{m}.json'),
    window: hourly('2026-03-01T00'),
    tables: { readings: table(Reading, ({ id, at, value }) => ({ id: key(id), at, value })) },
  });
}

const NARROW = declare(v.pipe(v.number(), v.maxValue(100)));
const MENDED = declare(v.number());

let stack: Stack;
let worker: { stop(): Promise<void> };
beforeAll(async () => {
  stack = await openStack(NARROW, { worker: false });
  worker = await deployWorker(stack, NARROW);
});
afterAll(async () => {
  await worker.stop();
  await stack.close();
});

const lineOf = (id: string, at: number, value: unknown) =>
  `${JSON.stringify({ id, at: new Date(at).toISOString(), value })}\n`;
const keyOf = (index: number, file = 0) =>
  `in/${new Date(hourAt(index)).toISOString().slice(0, 13).replace('T', '-')}-${file}.json`;
const UNUSABLE = { key: keyOf(3, 1), body: Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0x01]) };

test('an hour with lines that its contract refuses holds those back alone', async () => {
  for (const index of [0, 1, 2, 3]) {
    const at = hourAt(index);
    // The third hour is all good; the second has a line that no contract will take.
    const values = [1, 2, index === 2 ? 3 : 200, ...(index === 1 ? ['many'] : [])];
    await stack.feed([
      { key: keyOf(index), body: values.map((value, line) => lineOf(`s${line}`, at, value)).join('') },
    ]);
  }
  await stack.feed([UNUSABLE]);
  for (const index of [0, 1, 2, 3]) await stack.run(hourAt(index), {});
  expect(await countRows()).toBe(9);
  expect(await countLines(1)).toEqual({ lines: 4, good: 2, duplicate: 0, quarantined: 2 });
});

test('list groups by reason first, and then shows each with its place', async () => {
  const { document, text } = await askCommand(stack, [NARROW], list, { limit: '2' });
  expect(document).toMatchObject({
    what: 'lines',
    total: 4,
    groups: [{ asset: 'held/readings', reason: 'schema', count: 4, partitions: 3 }],
    records: [
      { asset: 'held/readings', partition: '2026-03-01T00', sourceKey: keyOf(0), line: 3, reason: 'schema' },
      { partition: '2026-03-01T01', line: 3 },
    ],
    truncated: true,
  });
  expect(text).toContain('The first 2 of 4.');
});

test('list takes a pipeline, an asset, a time and a reason, and files on their own', async () => {
  const ask = async (options: object) => {
    const { document } = await askCommand(stack, [NARROW], list, { limit: '20', ...options });
    return (document as { readonly total: number }).total;
  };
  expect(await ask({ asset: 'held' })).toBe(4);
  expect(await ask({ asset: 'held/readings' })).toBe(4);
  expect(await ask({ asset: 'held/events' })).toBe(0);
  expect(await ask({ asset: 'held', from: '2026-03-01T01', to: '2026-03-01T02' })).toBe(2);
  expect(await ask({ reason: 'schema' })).toBe(4);
  expect(await ask({ reason: 'key_conflict' })).toBe(0);
  expect(await ask({ files: true })).toBe(1);
  await expect(ask({ asset: 'helt' })).rejects.toThrow('There is: held, held/events, held/readings.');
  await expect(ask({ limit: '0' })).rejects.toThrow('Write one from 1 to 10000.');
});

test('show has each record of a window whole, its files first', async () => {
  const { document, text } = await askCommand(stack, [NARROW], show, {
    asset: 'held',
    partition: '2026-03-01T03',
    limit: '9',
  });
  expect(document).toMatchObject({
    total: 2,
    records: [
      { asset: 'held/events', sourceKey: UNUSABLE.key, line: 0, reason: 'gzip' },
      { asset: 'held/readings', line: 3, excerpt: lineOf('s2', hourAt(3), 200).trim() },
    ],
  });
  expect(text).toContain(`${keyOf(3)}:3\n  held/readings: schema: `);
  const { text: nothing } = await askCommand(stack, [NARROW], show, {
    asset: 'held',
    partition: '2026-03-01T02',
    limit: '9',
  });
  expect(nothing).toBe('held 2026-03-01T02 holds nothing back.');
});

test('replay plans exactly the windows that hold something back, each from where it can be made', async () => {
  const { document } = await replayWith(NARROW, { dryRun: true });
  const [byCode, files] = ['Lines of it are held back, by the code of today.', 'Files of it could not be used.'];
  expect(document).toMatchObject({
    total: 3,
    windows: [
      { from: '2026-03-01T00', count: 2, reason: 'quarantined', why: byCode, fromTransform: true },
      { from: '2026-03-01T03', count: 1, reason: 'quarantined', why: files, fromTransform: false },
    ],
  });
  expect((await replayWith(NARROW, { dryRun: true, reason: 'gzip' })).document).toMatchObject({ total: 1 });
  expect((await replayWith(NARROW, { reason: 'key_conflict' })).text).toBe(
    'Nothing to make: no window of the range is quarantined.',
  );
});

test('after the contract was mended, replay empties the quarantine without the source, and the counts add up', async () => {
  await worker.stop();
  worker = await deployWorker(stack, MENDED);
  await deleteObjects(stack, 'held', [keyOf(0), keyOf(1), keyOf(2)]);
  // As a writer puts it right.
  await stack.feed([{ ...UNUSABLE, body: lineOf('late', hourAt(3), 4) }]);
  const { document } = await replayWith(MENDED, { wait: true });
  expect(document).toMatchObject({ progress: { state: 'done', total: 3, made: 3, failed: 0 } });

  expect((await askCommand(stack, [MENDED], list, { limit: '9' })).document).toMatchObject({
    total: 1,
    records: [{ partition: '2026-03-01T01', line: 4, excerpt: lineOf('s3', hourAt(1), 'many').trim() }],
  });
  expect((await askCommand(stack, [MENDED], list, { limit: '9', files: true })).text).toBe('No file is held back.');
  expect(await countLines(0)).toEqual({ lines: 3, good: 3, duplicate: 0, quarantined: 0 });
  expect(await countLines(1)).toEqual({ lines: 4, good: 3, duplicate: 0, quarantined: 1 });
  expect(await countLines(3)).toEqual({ lines: 4, good: 4, duplicate: 0, quarantined: 0 });
  expect(await countRows()).toBe(13);
});

async function replayWith(definition: Pipeline, options: object) {
  return askCommand(stack, [definition], replay, { pipeline: 'held', width: '4', to: '2026-03-01T04', ...options });
}

async function countRows(): Promise<number> {
  const [row] = await stack.warehouse.sql<[{ rows: number }]>`select count(*) as rows from held.readings`;
  return row.rows;
}

async function countLines(index: number): Promise<object | null> {
  const { spec } = findPipeline(NARROW)!;
  const visible = await readVisible(stack.warehouse.sql, { pipeline: spec.name, start: hourAt(index) });
  return readEventCounts(visible.find(({ asset }) => asset === spec.events.asset)!.counts).lines;
}
