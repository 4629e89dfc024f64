import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { every, findPipeline, key, pipeline, s3Files, table } from '../../define/index.ts';
import { listObjects } from '../../lake/list-objects.ts';
import { formatPartition, windowOf } from '../../model/window.ts';
import type { Window } from '../../model/window.ts';
import { RECONCILE_WORKFLOW_TYPE } from '../../model/workflow-id.ts';
import { ensureSchedule } from '../../worker/ensure-schedule.ts';
import type { reconcile, ReconcileResult } from '../../workflows/reconcile.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { waitFor } from '../support/wait-for.ts';

const BUCKET = 'written-exports';
const written = pipeline('written', {
  source: s3Files(`s3://${BUCKET}/in/{any}.json`, { hourOf: 'lastModified' }),
  window: every('2 seconds', '2026-01-01T00:00:00'),
  settle: '0 seconds',
  lateness: '2 minutes',
  tables: { rows: table(v.object({ id: v.string() }), ({ id }, line) => ({ id: key(id), file: line.sourceKey })) },
});
const { spec } = findPipeline(written)!;

let stack: Stack;
/** How often the source was listed: one page each. */
let listings = 0;
beforeAll(async () => {
  stack = await openStack(written);
  stack.lake.s3.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (commandName === 'ListObjectsV2Command') listings += 1;
        return next(args);
      },
    { step: 'initialize' },
  );
});
afterAll(async () => {
  await stack.client.schedule.getHandle('every/written').delete();
  await stack.close();
});

test('files land in the windows in which they were written, and one that is overwritten moves', async () => {
  await passed(windowOf(spec.window, Date.now()));
  const first = await feed('a', 'a1');
  await passed(first);
  const second = await feed('b', 'b1');
  await stack.run(first.start);
  await stack.run(second.start);
  expect(await readRows()).toEqual([
    [formatPartition(spec.window, first.start), 'in/a.json', 'a1'],
    [formatPartition(spec.window, second.start), 'in/b.json', 'b1'],
  ]);
  expect(await stack.run(first.start)).toMatchObject({ outcome: 'unchanged' });

  // A schedule that does not tick while the test lasts: what is promised is reconcile's to start.
  await passed(second);
  await ensureSchedule(stack.client, { ...spec, window: every('6 hours', '2026-01-01T00:00') }, stack.taskQueue);
  const third = await feed('a', 'a2');
  await passed(third);
  listings = 0;
  const { hours } = await pass();
  expect(hours).toBeGreaterThanOrEqual(2);
  await waitFor('every run has looked', () => listings >= 1 + hours);
  await waitFor('the file has moved', async () => {
    const ids = (await readRows()).map(([, , id]) => id);
    return ids.includes('a2') && !ids.includes('a1');
  });
  expect(await readRows()).toEqual([
    [formatPartition(spec.window, second.start), 'in/b.json', 'b1'],
    [formatPartition(spec.window, third.start), 'in/a.json', 'a2'],
  ]);
  // One for all sixty windows of the pass, and one for each run that it started.
  expect(listings).toBe(1 + hours);
});

/** Waits for the beginning of a window after this one; the time that a file gets may be a little behind the clock. */
async function passed({ end }: Window): Promise<void> {
  await waitFor('the next window begins', () => Date.now() >= end + 100);
}

/** Puts a file of one row, and says in which window the server wrote it. */
async function feed(name: string, id: string): Promise<Window> {
  const file = `in/${name}.json`;
  await stack.feed([{ key: file, body: `{"id":"${id}"}\n` }]);
  for await (const object of listObjects(stack.lake, { use: { bucket: BUCKET, role: 'source' }, prefix: file })) {
    return windowOf(spec.window, object.lastModified);
  }
  throw new Error('Nothing was put.');
}

/** One pass of reconcile, as its schedule would start it. */
async function pass(): Promise<ReconcileResult> {
  return stack.client.workflow.execute<typeof reconcile>(RECONCILE_WORKFLOW_TYPE, {
    taskQueue: stack.taskQueue,
    workflowId: 'reconcile/written',
    args: [{ pipeline: spec.name }],
  });
}

/** Partition, file and id of each row, in the order of partitions. */
async function readRows(): Promise<readonly (readonly [string, string, string])[]> {
  const rows = await stack.warehouse.sql<{ start: Date; file: string; id: string }[]>`
    select materialization.partition as start, rows.file, rows.id
    from written.rows
    join hourloom.materialization using (load_id)
    where materialization.asset = 'written/rows'
      and materialization.visible
    order by start
  `;
  return rows.map(({ start, file, id }) => [formatPartition(spec.window, Number(start)), file, id] as const);
}
