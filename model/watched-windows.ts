import { endedWindows, intersectRanges, subtractRanges } from './index-ranges.ts';
import type { IndexRange } from './index-ranges.ts';
import type { PipelineSpec } from './pipeline-spec.ts';
import { windowIndex } from './window.ts';
import type { Instant } from './window.ts';

/** What reconcile looks after. The two do not overlap; either may be empty. */
export interface WatchedWindows {
  /** Those whose source is listed: over and settled, and not longer ago than late files are taken. */
  readonly listed: IndexRange;
  /** Promised ones before these: of what lasted longer than the lateness, for which the ledger alone is asked. */
  readonly missed: IndexRange;
}

/**
 * An outage longer than this is for a person, with a backfill: looking back costs something on every pass. The newest
 * window before those that are listed is looked at however long the lateness is: there may be nothing to wait for now.
 */
const MISSED_MS = 30 * 86_400_000;
const MAX_MISSED = 5_000;

const NOTHING: IndexRange = { from: 0, to: 0 };

/** Which windows of a pipeline reconcile looks after at this moment. */
export function watchedWindows(
  { window, settleMs, latenessMs }: Pick<PipelineSpec, 'window' | 'settleMs' | 'latenessMs'>,
  { promisedFrom, now }: { readonly promisedFrom: Instant; readonly now: Instant },
): WatchedWindows {
  const settled = endedWindows(window, now - settleMs);
  const listedFrom = windowIndex(window, now - latenessMs);
  const missedFrom = Math.max(
    windowIndex(window, promisedFrom),
    Math.min(windowIndex(window, now - MISSED_MS), listedFrom - 1),
    listedFrom - MAX_MISSED,
  );
  const clamp = (range: IndexRange): IndexRange =>
    range.from < range.to
      ? (intersectRanges([range], settled.from < settled.to ? [settled] : [])[0] ?? NOTHING)
      : NOTHING;
  const listed = clamp({ from: listedFrom, to: settled.to });
  const [missed] = subtractRanges([clamp({ from: missedFrom, to: settled.to })], [listed]);
  return { listed, missed: missed ?? NOTHING };
}
