import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startDerive } from '../../client/start-derive.ts';
import { daily, derived, findDerived, findDerivedFunction, timestamp } from '../../define/index.ts';
import type { ComputeInput } from '../../define/index.ts';
import type { DeriveResult } from '../../model/derive-run.ts';
import { buildGraph, nodeOf } from '../../model/graph.ts';
import type { DerivedNode } from '../../model/graph.ts';
import { derivedPartition } from '../../model/partition.ts';
import { windowOf } from '../../model/window.ts';
import { findChangedInputs } from '../../warehouse/find-changed-inputs.ts';
import { readVisible } from '../../warehouse/read-ledger.ts';
import { createWorker } from '../../worker/create-worker.ts';
import { definitionOf, openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { makeReadings, makeTelemetry } from '../hour/telemetry.ts';
import { services } from '../support/services.ts';
import { waitFor } from '../support/wait-for.ts';

const DAY = Date.parse('2026-02-03T00:00:00Z');
const hourAt = (index: number): number => DAY + index * 3_600_000;

const telemetry = makeTelemetry('function_test');
const { alarms, readings } = telemetry;

type Input = Pick<ComputeInput, 'window' | 'read' | 'signal'>;

/** How many readings each file of a day has, their sum and the time of the first. */
async function* countFiles({ window, read }: Input) {
  const counts = new Map<string, { first_at: string; count: number; total: number }>();
  for await (const { at, value, source } of read(readings)) {
    const { first_at = at, count = 0, total = 0 } = counts.get(source) ?? {};
    counts.set(source, { first_at: at < first_at ? at : first_at, count: count + 1, total: total + value });
  }
  const day = new Date(window.start).toISOString();
  for (const [source, count] of counts) yield { source, day, ...count };
}

/** What the function does at the moment. */
let behave: (input: Input) => AsyncIterable<unknown> = countFiles;

const byFile = derived('function_test/by_file', {
  window: daily(),
  key: ['source'],
  row: v.object({
    source: v.string(),
    day: timestamp(),
    first_at: timestamp(),
    count: v.pipe(v.number(), v.integer()),
    total: v.number(),
  }),
  version: 1,
  reads: [readings],
  compute: (input) => behave(input) as ReturnType<typeof countFiles>,
});
const spec = findDerived(byFile)!;
const GOOD = { source: 'a', day: '2026-02-03T00:00:00Z', first_at: '2026-02-03T00:00:00Z', count: 1, total: 1 };

let stack: Stack;
beforeAll(async () => {
  stack = await openStack(telemetry, { derived: [byFile] });
});
beforeEach(() => {
  behave = countFiles;
});
afterAll(() => stack.close());

test('a day is computed by its function from the rows of its hours, more than one page of them', async () => {
  await stack.feed(makeReadings(hourAt(0), { files: 2, lines: 1_200 }));
  await stack.run(hourAt(0));
  await waitFor('the day is there', async () => (await countMade()) === 1);
  await stack.feed(makeReadings(hourAt(5), { files: 1, lines: 7 }));
  await stack.run(hourAt(5));
  await waitFor('the second hour is in it', async () => (await countMade()) === 2);

  expect(await readDay()).toEqual(await expectDay());
  expect((await readDay()).map(({ count }) => count)).toEqual([1_200, 1_200, 7]);
  expect(await readVisible(stack.warehouse.sql, derivedPartition(spec.asset, DAY))).toMatchObject([
    { rowCount: 3, codeVersion: spec.table.codeVersion, counts: { inputs: 2, expected: 24 } },
  ]);
});

test('is stale when an hour is made again, is remade, and then unchanged', async () => {
  await stack.feed([makeReadings(hourAt(5), { files: 2, lines: 7 })[1]!]);
  await stack.run(hourAt(5), { announce: false });
  expect(await isStale()).toBe(true);
  expect(await run()).toEqual({ outcome: 'made', inputs: 2, expected: 24, rows: 4 });
  expect(await readDay()).toEqual(await expectDay());
  expect(await isStale()).toBe(false);
  expect(await run()).toEqual({ outcome: 'unchanged', inputs: 2, expected: 24, rows: 4 });
});

test('reads several times at once, stops early, and yields while it reads', async () => {
  behave = async function* ({ read }) {
    const [one, two] = [read(readings), read(readings)].map((rows) => rows[Symbol.asyncIterator]());
    expect(await Promise.all([one!.next(), two!.next()])).toMatchObject([{ done: false }, { done: false }]);
    await one!.return?.();
    let count = 0;
    for (let next = await two!.next(); !next.done; next = await two!.next()) {
      count += 1;
      // Each is large, so that many are copied before all are read.
      yield { ...GOOD, source: `${count}`.padEnd(2_000, '.'), first_at: next.value.at };
    }
  };
  expect(await run({ force: true })).toMatchObject({ outcome: 'made', rows: 2_400 + 14 - 1 });
  behave = countFiles;
  expect(await run({ force: true })).toMatchObject({ outcome: 'made', rows: 4 });
});

const failing: readonly [string, (input: Input) => AsyncIterable<unknown>, string][] = [
  [
    'throws half way',
    async function* (input) {
      yield GOOD;
      for await (const { at } of input.read(readings)) throw new RangeError(`I cannot count ${at}`);
    },
    // The first by key; a time keeps its microseconds.
    'I cannot count 2026-02-03T00:01:00.339000Z',
  ],
  [
    'yields what `row` refuses',
    async function* () {
      yield GOOD;
      yield { ...GOOD, source: 'b', count: 'many' };
    },
    'Row 2 that the function of function_test/by_file gave is refused: count: expected number, received "many". ' +
      'Correct the function or its `row`.',
  ],
  [
    'leaves out a column',
    async function* () {
      const { total: _, ...rest } = GOOD;
      yield rest;
    },
    'Row 1 that the function of function_test/by_file gave is refused: total: expected a value, received nothing. ' +
      'Correct the function or its `row`.',
  ],
  [
    'yields what no column can hold',
    async function* () {
      yield { ...GOOD, source: 'a\0' };
    },
    'Row 1 that the function of function_test/by_file gave is refused: column source cannot hold the value. ' +
      'Correct the function or its `row`.',
  ],
  [
    'yields a key twice',
    async function* () {
      yield GOOD;
      yield GOOD;
    },
    'The function of function_test/by_file failed: duplicate key value violates unique constraint "by_file_key_per_load"',
  ],
  [
    'reads what it does not say it reads',
    async function* ({ read }) {
      yield* read(alarms);
    },
    'derived \'function_test/by_file\': its function reads "function_test/alarms", which `reads` does not name.',
  ],
];

test.each(failing)('a function that %s fails the run at once and leaves the old rows', async (_, behaviour, reason) => {
  const before = await readDay();
  behave = behaviour;
  await expect(run({ force: true })).rejects.toThrow('Workflow execution failed');
  expect(await stack.warehouse.sql`select reason, retryable from hourloom.last_failure`).toEqual([
    { reason: expect.stringContaining(reason) as string, retryable: false },
  ]);
  expect(await readDay()).toEqual(before);
  expect(before).toHaveLength(4);
});

test('a mistake in a function is not tried for hours, and what the server throws in it is its own affair', async () => {
  const before = await readDay();
  let calls = 0;
  behave = async function* () {
    calls += 1;
    yield GOOD;
    throw new Error('I have miscounted');
  };
  await expect(run({ force: true })).rejects.toThrow('Workflow execution failed');
  expect(calls).toBe(3);
  const reason =
    'The function of function_test/by_file failed 3 times: I have miscounted. ' +
    'Correct the function or what it reads, then run the partition again.';
  expect(await stack.warehouse.sql`select reason, retryable from hourloom.last_failure`).toEqual([
    { reason, retryable: false },
  ]);
  expect(await readDay()).toEqual(before);

  calls = 0;
  behave = async function* (input) {
    calls += 1;
    if (calls <= 3) throw Object.assign(new Error('It is away'), { code: 'ECONNREFUSED' });
    yield* countFiles(input);
  };
  expect(await run({ force: true })).toMatchObject({ outcome: 'made', rows: 4 });
  expect(calls).toBe(4);
});

test('a function that ignores its signal ends with its step’s time, and holds nothing', async () => {
  const before = await readDay();
  let signal: AbortSignal | undefined;
  behave = async function* (input) {
    signal = input.signal;
    yield GOOD;
    for await (const { at } of input.read(readings)) await new Promise(() => at);
  };
  const taskQueue = `${stack.taskQueue}-seconds`;
  const { spec: pipeline } = definitionOf(telemetry);
  const { worker, connection, client } = await createWorker({
    lake: stack.lake,
    warehouse: stack.warehouse,
    pipelines: new Map([[pipeline.name, definitionOf(telemetry)]]),
    derived: new Map([[spec.asset, spec]]),
    functions: new Map([[spec.asset, findDerivedFunction(byFile)!]]),
    taskQueue,
    temporalAddress: services().temporalAddress,
    workflows: { workflowsPath: fileURLToPath(new URL('compute-within-seconds.ts', import.meta.url)) },
  });
  const running = worker.run();
  const computed = client.workflow.execute('computeWithinSeconds', {
    taskQueue,
    workflowId: taskQueue,
    args: [{ asset: spec.asset, start: DAY, force: true }],
  });
  await expect(computed).rejects.toThrow('Workflow execution failed');
  await waitFor('the function is told', async () => signal?.aborted === true);
  await waitFor('its transaction is gone', async () => (await countOpenTransactions()) === 0);
  worker.shutdown();
  await running;
  await connection.close();

  behave = countFiles;
  expect(await readDay()).toEqual(before);
  expect(await run({ force: true })).toMatchObject({ outcome: 'made', rows: 4 });
});

async function run(input: { readonly force?: boolean } = {}): Promise<DeriveResult> {
  const { client, taskQueue } = stack;
  return (await startDerive(client, { derived: spec, start: DAY, taskQueue, input })).handle.result();
}

async function countMade(): Promise<number | undefined> {
  const [entry] = await readVisible(stack.warehouse.sql, derivedPartition(spec.asset, DAY));
  return entry?.counts.inputs;
}

async function isStale(): Promise<boolean> {
  const graph = buildGraph([definitionOf(telemetry).spec], [spec]);
  const node = nodeOf(graph, spec.asset) as DerivedNode;
  return (
    (await findChangedInputs(stack.warehouse.sql, graph, node, windowOf(spec.window!, DAY), Date.now())).length > 0
  );
}

async function readDay() {
  const { sql } = stack.warehouse;
  return [
    ...(await sql<{ count: number }[]>`
      select source, day, first_at, count, total from function_test.by_file order by source
    `),
  ];
}

/** The same, as the server computes it. */
async function expectDay() {
  const { sql } = stack.warehouse;
  return [
    ...(await sql`
      select source, ${new Date(DAY)}::timestamptz as day, min(at) as first_at, count(*) as count, sum(value) as total
      from function_test.readings
      group by source
      order by source
    `),
  ];
}

async function countOpenTransactions(): Promise<number> {
  const [row] = await stack.warehouse.sql<{ count: number }[]>`
    select count(*) as count
    from pg_stat_activity
    where datname = current_database()
      and state = 'idle in transaction'
  `;
  return row?.count ?? 0;
}
