import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { bundleWorkflows } from '../hour/open-stack.ts';

const FOLDER = fileURLToPath(new URL('histories/', import.meta.url));
const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.json')).sort();

test('there is a history of every way that a run can go', () => {
  expect(names).toEqual([
    'backfill-continued.json',
    'backfill-continuing.json',
    'backfill-derived.json',
    'backfill-done.json',
    'backfill-steered.json',
    'derive-again.json',
    'derive-failed.json',
    'derive-made.json',
    'erase-done.json',
    'erase-waited.json',
    'erasures-done.json',
    'hour-announced.json',
    'hour-by-code.json',
    'hour-go-again.json',
    'hour-made.json',
    'hour-source-changed.json',
    'hour-until-merge.json',
    'hour-waited.json',
    'reconcile-found.json',
    'reconcile-surveyed.json',
    'requests-derived.json',
    'requests-taken.json',
  ]);
});

// A run that was begun by the code of yesterday must go on with the code of today. Where a change cannot keep that, it
// needs a patch marker, not another history.
test.for(names)('%s is replayed by the workflows as they are', async (name) => {
  const { workflowId, history } = JSON.parse(await readFile(`${FOLDER}${name}`, 'utf8')) as {
    workflowId: string;
    history: unknown;
  };
  const replayed = Worker.runReplayHistory({ workflowBundle: await bundleWorkflows() }, history, workflowId);
  await expect(replayed).resolves.toBeUndefined();
});
