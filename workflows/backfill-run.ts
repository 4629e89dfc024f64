import type { OpenedBackfill } from '../activities/backfill/open-backfill.ts';
import { isAskedFor } from '../model/backfill.ts';
import type {
  BackfillBounds,
  BackfillFailure,
  BackfillItem,
  BackfillProgress,
  BackfillRunState,
  BackfillTally,
} from '../model/backfill.ts';
import { currentWindow } from '../model/hive-layout.ts';
import type { Instant } from '../model/window.ts';
import { parseHourWorkflowId } from '../model/workflow-id.ts';

/** Where a backfill is: all of it that its next run must know. */
export interface BackfillRun {
  /** 0 until it is known. */
  width: number;
  paused: boolean;
  cancelled: boolean;
  /** Of histories from before there were bounds: none, which are the same as the workflow's own. */
  bounds?: BackfillBounds;
  /** 0: what was asked for; from 1 on: the waves of derived assets after it, as many as `stages`. */
  stage: number;
  stages: number;
  /** How many windows of the stage were handed out; undefined when all were. */
  offset: number | undefined;
  /** The stage is gone through again, for those that failed. */
  onlyFailed: boolean;
  /** More failed than are remembered, and a retry asked for all: the stage is gone through again at its end. */
  retryRest: boolean;
  /** Handed out and not begun. */
  queue: BackfillItem[];
  /** What was asked for: hours, or partitions of the one derived asset. */
  readonly hours: Mutable<BackfillTally>;
  readonly derived: Mutable<BackfillTally>;
  /** Days whose list of current Parquet lacks what was made of them, by their start. None in older histories. */
  unlisted?: Instant[];
  /** The latest to fail, with what it takes to try them again. */
  failures: (BackfillFailure & { readonly item: BackfillItem })[];
  readonly startedAt: Instant;
  /** When the latest runs ended: the rate is theirs. */
  endedAt: Instant[];
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** What became of one run. */
export type ItemEnd =
  | { readonly outcome: 'made' | 'unchanged' | 'waiting' }
  | { readonly outcome: 'failed'; readonly reason: string };

const MAX_FAILURES = 100;
const MAX_REASON_LENGTH = 200;
const RATE_OF = 50;

/** A backfill that does not know yet what it is to do, but can be steered already. */
export function createRun(startedAt: Instant): BackfillRun {
  const empty = { total: 0, done: 0, made: 0, unchanged: 0, failed: 0 };
  return {
    ...{ width: 0, paused: false, cancelled: false },
    ...{ stage: 0, stages: 0, offset: 0, onlyFailed: false, retryRest: false, queue: [] },
    hours: { ...empty },
    derived: { ...empty },
    failures: [],
    startedAt,
    endedAt: [],
  };
}

/** What it is to do. A width that was asked for in the meantime stays. */
export function beginRun(run: BackfillRun, { width, total, derivedTotals, ...opened }: OpenedBackfill): void {
  const { patienceMs, maxEvents } = opened;
  run.bounds = {
    ...(patienceMs === undefined ? {} : { patienceMs }),
    ...(maxEvents === undefined ? {} : { maxEvents }),
  };
  run.width ||= width;
  run.stages = derivedTotals.length;
  run.hours.total = total;
  run.derived.total = derivedTotals.reduce((sum, each) => sum + each, 0);
}

/** Counts a run that ended. */
export function recordEnd(run: BackfillRun, item: BackfillItem, end: ItemEnd, at: Instant): void {
  const tally = tallyOf(run, item);
  tally.done += 1;
  tally[end.outcome] = (tally[end.outcome] ?? 0) + 1;
  if (end.outcome === 'failed') {
    const failure = { partition: item.name, reason: end.reason.slice(0, MAX_REASON_LENGTH), item };
    run.failures = [...run.failures.slice(1 - MAX_FAILURES), failure];
  }
  run.endedAt = [...run.endedAt.slice(1 - RATE_OF), at];
}

/** Keeps in mind that the day's list is to be written: a run that failed may have published before. */
export function noteUnlisted(run: BackfillRun, { workflowType, workflowId, input }: BackfillItem): void {
  if (workflowType !== 'hour' || input.list !== false || !input.described) return;
  const partition = parseHourWorkflowId(workflowId);
  if (!partition) return;
  const { start } = currentWindow(input.described.window, partition.start);
  run.unlisted = [...new Set([...(run.unlisted ?? []), start])];
}

/** Puts the failed runs before all others, as if they had never been begun. */
export function retryFailed(run: BackfillRun): void {
  const items = run.failures.map(({ item }) => item);
  run.retryRest ||= run.stage === 0 && run.hours.failed > items.length;
  forgetFailed(run, items);
  run.queue.unshift(...items.map((item) => (run.stage === 0 ? item : tellingReaders(item))));
}

/** Takes runs that failed and are tried again out of the tallies. */
export function forgetFailed(run: BackfillRun, items: readonly BackfillItem[]): void {
  const again = new Set(items.map(({ workflowId }) => workflowId));
  run.failures = run.failures.filter(({ item }) => !again.has(item.workflowId));
  for (const item of items) {
    const tally = tallyOf(run, item);
    tally.done -= 1;
    tally.failed -= 1;
  }
}

/** The waves that read it may have begun: what comes late tells its readers itself. */
function tellingReaders(item: BackfillItem): BackfillItem {
  const { announce: _announce, ...input } = item.input;
  return { ...item, input };
}

/** Goes on to the next stage, or through this one again; false where there is none. */
export function beginNextStage(run: BackfillRun): boolean {
  if (run.retryRest) {
    Object.assign(run, { retryRest: false, onlyFailed: true, offset: 0 });
    return true;
  }
  if (run.stage === run.stages) return false;
  Object.assign(run, { stage: run.stage + 1, onlyFailed: false, offset: 0 });
  return true;
}

/** What people see of it. */
export function describeProgress(run: BackfillRun, state: BackfillRunState, open: number): BackfillProgress {
  const { hours, derived, width, failures, startedAt } = run;
  const ratePerSecond = rateOf(run.endedAt);
  const left = hours.total + derived.total - hours.done - derived.done;
  const isMoving = state === 'running' && ratePerSecond !== null;
  return {
    state,
    width,
    open,
    ...hours,
    failures: failures.map(({ partition, reason }) => ({ partition, reason })),
    derived: { ...derived },
    ratePerSecond,
    etaMs: isMoving ? Math.round((left / ratePerSecond) * 1_000) : null,
    startedAt,
  };
}

function rateOf(endedAt: readonly Instant[]): number | null {
  const [first, last] = [endedAt[0], endedAt.at(-1)];
  if (first === undefined || last === undefined || first === last) return null;
  return ((endedAt.length - 1) * 1_000) / (last - first);
}

function tallyOf(run: BackfillRun, item: BackfillItem): Mutable<BackfillTally> {
  return isAskedFor(item) ? run.hours : run.derived;
}
