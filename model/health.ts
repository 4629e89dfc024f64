import { countWindows } from './index-ranges.ts';
import type { IndexRanges } from './index-ranges.ts';
import { formatPartition, windowAt } from './window.ts';
import type { Instant, WindowKind } from './window.ts';

/**
 * How an asset is, from the best to the worst but for the first. `unknown`: nothing was made, nothing failed, nothing is
 * promised. `warning`: a check that only warns did not hold. `failing`: the newest run failed, a check that must hold did
 * not, or a promised partition is not there.
 */
export type HealthState = 'unknown' | 'healthy' | 'warning' | 'failing';

/** How an asset is, with the reason in sentences for a person. */
export interface Health {
  readonly state: HealthState;
  readonly why: string;
  /** The partition that it is about, as people write it; null where it is about none. */
  readonly partition: string | null;
}

/** A check of the newest partition that did not hold. */
export interface FailedCheck {
  readonly name: string;
  readonly blocking: boolean;
  readonly start: Instant;
  readonly detail: string;
}

/** All that an asset's health follows from. */
export interface HealthEvidence {
  /** Undefined where the asset has no partitions. */
  readonly window: WindowKind | undefined;
  /** The newest partition that is made. */
  readonly made: { readonly start: Instant; readonly publishedAt: Instant } | undefined;
  /** The newest partition whose last run failed, after its last publish. */
  readonly failure: { readonly start: Instant; readonly reason: string } | undefined;
  readonly failedChecks: readonly FailedCheck[];
  /** The windows that were promised to be there by now and are not. */
  readonly late: IndexRanges;
}

/** One thing that follows from the evidence. */
interface Finding {
  readonly state: HealthState;
  readonly why: string;
  readonly start: Instant | undefined;
}

const ORDER: readonly HealthState[] = ['unknown', 'healthy', 'warning', 'failing'];

export const MAX_WHY_LENGTH = 1_000;

/**
 * Says how an asset is: as bad as the worst of its newest making, the checks of that, and its promise. Partitions that
 * are older than the newest one count only where they were promised, so what a backfill meets long ago is no news.
 */
export function describeHealth(evidence: HealthEvidence): Health {
  const findings = [findLate(evidence), findFailure(evidence), ...findFailedChecks(evidence), findMade(evidence)]
    .flatMap((finding) => finding ?? [])
    .sort((a, b) => ORDER.indexOf(b.state) - ORDER.indexOf(a.state));
  const [worst] = findings;
  if (!worst) return { state: 'unknown', why: 'Nothing was made yet, and nothing is promised.', partition: null };
  const why = findings
    .filter(({ state }) => state === worst.state)
    .map((finding) => finding.why)
    .join(' ');
  return {
    state: worst.state,
    why: why.length > MAX_WHY_LENGTH ? `${why.slice(0, MAX_WHY_LENGTH - 1)}…` : why,
    partition: worst.start === undefined ? null : formatPartition(evidence.window, worst.start),
  };
}

/** Whether somebody should be told of a change: not that nothing was known, and then that all is well. */
export function isNews(from: HealthState, to: HealthState): boolean {
  return from !== to && [from, to].some((state) => state === 'warning' || state === 'failing');
}

/** A pipeline's own health: the breaker stops it, and so all its assets. A pause by a person is that person's to know. */
export function describeBreaker(schedule: { readonly paused: boolean; readonly note: string } | undefined): Health {
  if (schedule?.paused === true && schedule.note.startsWith(BREAKER_NOTE)) {
    return { state: 'failing', why: schedule.note.slice(0, MAX_WHY_LENGTH), partition: null };
  }
  return { state: 'healthy', why: 'Its windows are started.', partition: null };
}

/** How the note of a schedule begins that Hourloom itself has paused. */
export const BREAKER_NOTE = 'Paused by Hourloom:';

function findLate({ window, late }: HealthEvidence): Finding | undefined {
  const newest = late.at(-1);
  if (!window || !newest) return undefined;
  const { start } = windowAt(window, newest.to - 1);
  const count = countWindows(late);
  const others = count === 1 ? '' : ` So are ${count - 1} before it.`;
  return {
    state: 'failing',
    why: `${formatPartition(window, start)} is late: promised, and not there.${others}`,
    start,
  };
}

function findFailure({ window, made, failure }: HealthEvidence): Finding | undefined {
  if (!failure || (made && made.start > failure.start)) return undefined;
  const reason = /[.!?]$/u.test(failure.reason) ? failure.reason : `${failure.reason}.`;
  const why = `The last run of ${formatPartition(window, failure.start)} failed: ${reason}`;
  return { state: 'failing', why, start: failure.start };
}

function findFailedChecks({ window, made, failedChecks }: HealthEvidence): readonly Finding[] {
  return failedChecks
    .filter(({ start }) => !made || start >= made.start)
    .map(({ name, blocking, start, detail }) => ({
      state: blocking ? ('failing' as const) : ('warning' as const),
      why: `The check ${name} of ${formatPartition(window, start)} did not hold: ${withoutExamples(detail)}`.replace(
        /[^.!?]$/u,
        '$&.',
      ),
      start,
    }));
}

/** Rows that a check found may hold anything, and health leaves the warehouse: it is told to a webhook. */
function withoutExamples(detail: string): string {
  return detail.split(', such as ', 1)[0] ?? detail;
}

function findMade({ window, made }: HealthEvidence): Finding | undefined {
  if (!made) return undefined;
  const at = `${new Date(made.publishedAt).toISOString().slice(0, 19)}Z`;
  return {
    state: 'healthy',
    why: `${formatPartition(window, made.start)} is there since ${at}, and nothing promised is late.`,
    start: made.start,
  };
}
