import { setTimeout as delay } from 'node:timers/promises';
import { requestBackfill } from '../client/request-backfill.ts';
import { cancelBackfill } from '../client/steer-backfill.ts';
import { waitForBackfill } from '../client/wait-for-backfill.ts';
import { windowIndex } from '../model/window.ts';
import type { BenchContext, Figures } from './bench.ts';
import { listStarts, makeLightHour } from './light-hour.ts';
import type { BenchMachine } from './open-bench-machine.ts';
import { percentile } from './percentile.ts';
import { firstActivityMs, readRun } from './read-run.ts';

const WIDTH = 32;
const BACKFILL_HOURS = 200;
const LIVE_HOURS = 8;
const HOUR_MS = 20_000;
const LIVE_EVERY_MS = 2_000;

/**
 * How long a live hour waits for its first activity while a backfill keeps all of its slots busy with hours that take
 * 20 s each: their load waits for a lock that the bench holds.
 */
export async function measureOvertaking(
  machine: BenchMachine,
  { first, behind }: { readonly first: number; readonly behind: number },
  note: BenchContext['note'],
): Promise<Figures> {
  const { spec, client, taskQueue } = machine;
  note(`${LIVE_HOURS} live hours during a backfill whose hours take ${HOUR_MS / 1_000} s each`);
  const live = listStarts(spec.window, behind, LIVE_HOURS);
  await machine.feed([...listStarts(spec.window, first, BACKFILL_HOURS), ...live].map(makeLightHour));
  const from = windowIndex(spec.window, spec.window.first) + first;
  const asked = { from, to: from + BACKFILL_HOURS, only: 'missing', order: 'oldest', width: WIDTH } as const;

  const blocker = blockLoads(machine);
  await requestBackfill(client, { pipeline: spec.name, request: { id: 'bench-slow', asked }, taskQueue });
  await waitForBlockedLoad(machine);
  const handles = [];
  for (const start of live) {
    handles.push((await machine.startHour(start)).handle);
    await delay(LIVE_EVERY_MS);
  }
  await cancelBackfill(client, 'bench-slow');
  await blocker.release();
  await waitForBackfill(client, 'bench-slow');
  const waits: number[] = [];
  for (const handle of handles) {
    await handle.result();
    waits.push(firstActivityMs(await readRun(handle)));
  }
  return { overtakeMs: percentile(waits, 1), overtakeP50Ms: percentile(waits, 0.5) };
}

/** Lets nothing into the tables but for a moment every 20 s: who waits then has its turn before the next lock. */
function blockLoads({ warehouse, spec }: BenchMachine): { release(): Promise<void> } {
  const released = new AbortController();
  const block = async (): Promise<void> => {
    while (!released.signal.aborted) {
      await warehouse.sql.begin(async (tx) => {
        for (const { schema, name } of spec.tables) await tx`lock table ${tx(schema)}.${tx(name)} in share mode`;
        await delay(HOUR_MS, undefined, { signal: released.signal }).catch(() => undefined);
      });
    }
  };
  const blocked = block();
  return {
    release: () => {
      released.abort();
      return blocked;
    },
  };
}

async function waitForBlockedLoad({ warehouse }: BenchMachine): Promise<void> {
  for (;;) {
    const [found] = await warehouse.sql<[{ blocked: number }]>`
      select count(*) as blocked
      from pg_stat_activity
      where application_name like 'hourloom load %'
        and wait_event_type = 'Lock'
    `;
    if (found.blocked > 0) return;
    await delay(100);
  }
}
