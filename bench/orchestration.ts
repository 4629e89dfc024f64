import assert from 'node:assert/strict';
import type { BenchContext, Measured } from './bench.ts';
import { measureBackfill } from './measure-backfill.ts';
import { measureOvertaking } from './measure-overtaking.ts';
import type { BenchMachine } from './open-bench-machine.ts';
import { assertLight, listStarts, makeLightHour } from './light-hour.ts';
import { percentile } from './percentile.ts';
import { firstActivityMs, readRun } from './read-run.ts';

const WARM_HOURS = 20;
const SINGLE_HOURS = 60;
const EMPTY_HOURS = 60;

/** What orchestration costs: a single hour's way to its first activity, a backfill of light hours, a live one among them. */
export async function orchestration({ openMachine, note, hours }: BenchContext): Promise<Measured> {
  await using machine = await openMachine();
  const { window } = machine.spec;
  // The backfills come first in time, and what else is made lies behind them.
  const behind = 2 * hours;
  const single = listStarts(window, behind, WARM_HOURS + SINGLE_HOURS);
  const empty = listStarts(window, behind + single.length, EMPTY_HOURS);

  note(`${single.length} single hours, one file each`);
  await machine.feed(single.map(makeLightHour));
  const firstActivities: number[] = [];
  for (const start of single) {
    const { handle } = await machine.startHour(start);
    assertLight(await handle.result());
    firstActivities.push(firstActivityMs(await readRun(handle)));
  }
  const warm = firstActivities.slice(WARM_HOURS);

  note(`${empty.length} hours without files`);
  const emptyHours: number[] = [];
  for (const start of empty) emptyHours.push(await measureEmptyHour(machine, start));

  const backfill = await measureBackfill(machine, hours, note);
  const overtaking = await measureOvertaking(machine, { first: hours, behind: behind + 1_000 }, note);
  return {
    figures: {
      firstActivityP50Ms: percentile(warm, 0.5),
      firstActivityP95Ms: percentile(warm, 0.95),
      emptyHourP50Ms: percentile(emptyHours, 0.5),
      ...backfill.figures,
      ...overtaking,
    },
    ratios: backfill.ratios,
  };
}

async function measureEmptyHour(machine: BenchMachine, start: number): Promise<number> {
  const startedMs = performance.now();
  const { data } = await (await machine.startHour(start)).handle.result();
  const tookMs = performance.now() - startedMs;
  assert.equal(data, 'empty');
  return tookMs;
}
