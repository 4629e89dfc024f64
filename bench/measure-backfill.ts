import assert from 'node:assert/strict';
import { requestBackfill } from '../client/request-backfill.ts';
import { waitForBackfill } from '../client/wait-for-backfill.ts';
import { windowIndex } from '../model/window.ts';
import type { BenchContext, Measured } from './bench.ts';
import { LIGHT_HOUR_ROWS, listStarts, makeLightHour } from './light-hour.ts';
import { subtractCpu } from './measure-cpu.ts';
import type { BenchMachine } from './open-bench-machine.ts';

/** What the command line takes where nothing is said. */
const WIDTH = 8;

/** A backfill of light hours, from its request to the end of all that it makes, and what it costs by part. */
export async function measureBackfill(
  machine: BenchMachine,
  hours: number,
  note: BenchContext['note'],
): Promise<Measured> {
  const { spec, client, warehouse, taskQueue } = machine;
  note(`A backfill of ${hours} hours, one file each`);
  await machine.feed(listStarts(spec.window, 0, hours).map(makeLightHour));
  const from = windowIndex(spec.window, spec.window.first);
  const asked = { from, to: from + hours, only: 'missing', order: 'oldest', width: WIDTH } as const;

  const before = await machine.cpu();
  const startedAt = Date.now();
  await requestBackfill(client, { pipeline: spec.name, request: { id: 'bench', asked }, taskQueue });
  const { made, failed, derived } = await waitForBackfill(client, 'bench');
  const waitedMs = Date.now() - startedAt;
  const after = await machine.cpu();
  assert.deepEqual({ made, failed, derivedFailed: derived.failed }, { made: hours, failed: 0, derivedFailed: 0 });

  const [ledger] = await warehouse.sql<[{ rows: number; last: Date }]>`
    select
      sum(row_count)::bigint as rows,
      max(published_at) as last
    from hourloom.materialization
    where pipeline = ${spec.name}
      and partition < ${new Date(listStarts(spec.window, hours, 1)[0] ?? 0)}
      and visible
  `;
  assert.equal(ledger.rows, hours * LIGHT_HOUR_ROWS);
  const used = before && after ? Object.entries(subtractCpu(after, before)) : [];
  const cpuMsPerHour = (used.reduce((sum, [, seconds]) => sum + seconds, 0) / hours) * 1_000;
  return {
    figures: {
      backfillHoursPerSecond: (hours / (ledger.last.getTime() - startedAt)) * 1_000,
      backfillWaitSeconds: waitedMs / 1_000,
      backfillDerivedPartitions: derived.done,
      cpuMsPerHour,
      ...Object.fromEntries(used.map(([part, seconds]) => [`${part}CpuMsPerHour`, (seconds / hours) * 1_000])),
    },
    // Of the CPU time that the machine could have given; what others took is what is missing to 1.
    ratios: { cpuShareDuringBackfill: (cpuMsPerHour * hours) / waitedMs / machine.cores },
  };
}
