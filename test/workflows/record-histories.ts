/**
 * Records the histories that `replay.test.ts` replays, on the run's real servers: `npm run record-histories`. Done when
 * a new way to go is added; what a change of the workflows would break is told by the old ones.
 */
import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { findBinary } from '../../local/find-binary.ts';
import type { HourInput } from '../../model/hour-run.ts';
import { afterPut } from '../hour/after-put.ts';
import { deleteObjects } from '../hour/delete-objects.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { makeReadings, makeTelemetry } from '../hour/telemetry.ts';
import { services } from '../support/services.ts';

const FOLDER = fileURLToPath(new URL('histories/', import.meta.url));
const hourAt = (index: number): number => Date.parse('2026-03-01T00:00:00Z') + index * 3_600_000;

test('records one history of every way that an hour can go', { timeout: 120_000 }, async () => {
  const stack = await openStack(makeTelemetry('replayed'));
  for (const index of [0, 1, 2, 3]) await stack.feed(makeReadings(hourAt(index), { files: 2, lines: 3 }));

  await record(stack, 'hour-made', hourAt(0));
  await record(stack, 'hour-until-merge', hourAt(1), { until: 'merge' });

  const { handle } = await stack.start(hourAt(2));
  await handle.signal<[HourInput]>('goAgain', { force: true });
  await handle.result();
  await save('hour-go-again', handle.workflowId);

  const lost = makeReadings(hourAt(3), { files: 2, lines: 3 })[1]!.key;
  afterPut(stack, 'manifests/', () => deleteObjects(stack, 'replayed', [lost]));
  await record(stack, 'hour-source-changed', hourAt(3));

  const ticking = makeTelemetry('replayed_ticks', { unit: 'every', ms: 2_000, first: hourAt(0) });
  const ticks = await openStack(ticking);
  await record(ticks, 'hour-waited', Math.ceil(Date.now() / 2_000) * 2_000);
  expect(await readdir(FOLDER)).toHaveLength(5);
  await Promise.all([stack.close(), ticks.close()]);
});

async function record(stack: Stack, name: string, start: number, input: HourInput = {}): Promise<void> {
  const { handle } = await stack.start(start, input);
  await handle.result();
  await save(name, handle.workflowId);
}

async function save(name: string, workflowId: string): Promise<void> {
  const temporal = await findBinary('temporal', { env: process.env, report: console.error });
  const address = services().temporalAddress;
  const show = ['workflow', 'show', '--workflow-id', workflowId, '--output', 'json', '--address', address];
  const { stdout } = await promisify(execFile)(temporal, show, { maxBuffer: 16 * 1024 * 1024 });
  await mkdir(FOLDER, { recursive: true });
  await writeFile(
    `${FOLDER}${name}.json`,
    `${JSON.stringify({ workflowId, history: JSON.parse(stdout) as unknown }, undefined, 1)}\n`,
  );
}
