import type { PipelineSpec } from './pipeline-spec.ts';
import type { Instant, Window } from './window.ts';
import { dayIn, dayOfWindow, startOfNextDay } from './zone.ts';

/** How much of a person there is in each store. */
export interface ErasureCounts {
  /** Objects of the lake that hold something, and the lines in them. */
  readonly objects: number;
  readonly lines: number;
  /** Windows whose visible object is among them. */
  readonly windows: number;
  /** Other objects with what was made of such lines: staged rows, Parquet, logs. Absent in histories from before they were searched. */
  readonly copies?: number;
  /** Rows of tables, and of the quarantine. */
  readonly rows: number;
  readonly quarantined: number;
  /** Rows of what is computed from these tables. Absent likewise. */
  readonly derived?: number;
}

export const NOTHING_FOUND: ErasureCounts = {
  objects: 0,
  lines: 0,
  windows: 0,
  copies: 0,
  rows: 0,
  quarantined: 0,
  derived: 0,
};

export function addErasureCounts(one: ErasureCounts, other: ErasureCounts): ErasureCounts {
  return {
    objects: one.objects + other.objects,
    lines: one.lines + other.lines,
    windows: one.windows + other.windows,
    copies: (one.copies ?? 0) + (other.copies ?? 0),
    rows: one.rows + other.rows,
    quarantined: one.quarantined + other.quarantined,
    derived: (one.derived ?? 0) + (other.derived ?? 0),
  };
}

/** Whether a search found nothing at all. */
export function isNothing(counts: ErasureCounts): boolean {
  return Object.values(counts).every((count) => count === 0);
}

/**
 * What is erased begins with the next day, so that who asked by mistake can still be heard: the next one in each of these
 * zones, so the last of these mornings.
 */
export function nextMorning(zones: readonly (string | undefined)[], now: Instant): Instant {
  return Math.max(...zones.map((zone = 'UTC') => startOfNextDay(zone, dayIn(zone, now))));
}

/** When a request is due that came in a window of a pipeline: from the day after the window's, in the pipeline's zone. */
export function dueAfter({ zone = 'UTC' }: Pick<PipelineSpec, 'zone'>, window: Window): Instant {
  return startOfNextDay(zone, dayOfWindow(window));
}
