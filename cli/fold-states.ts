import { countWindows, intersectRanges, subtractRanges, uniteRanges } from '../model/index-ranges.ts';
import type { IndexRange, IndexRanges } from '../model/index-ranges.ts';
import type { AttemptState, DataState, PartitionMark } from '../model/partition-state.ts';
import type { MadeRange } from '../model/plan.ts';

/** A fact of a partition, or a mark. */
export type State = DataState | AttemptState | PartitionMark;

/** What is known of an asset's windows in a range; the lists may reach beyond it. */
export interface RangeEvidence {
  readonly range: IndexRange;
  readonly codeVersion: string;
  readonly made: readonly MadeRange[];
  /** Made, and there was nothing for it. */
  readonly empty: IndexRanges;
  readonly quarantined: IndexRanges;
  /** The windows whose input is known to have changed since; where nobody looked, none. */
  readonly inputChanged: IndexRanges;
  /** The windows that were promised to be there by now. */
  readonly due: IndexRanges;
  /** The windows that have an open run. */
  readonly open: IndexRanges;
  /** The windows that are not over and settled. */
  readonly unsettled: IndexRanges;
  /** The windows that wait for documents where they were never made; left out where there are none to wait for. */
  readonly awaited?: IndexRanges;
  /** The windows whose last run failed. */
  readonly failed: IndexRanges;
}

/** The windows of the range that are in each state. Every window is in one of data, in one of attempt, and may have marks. */
export type StateRanges = Readonly<Record<State, IndexRanges>>;

/** Sorts the windows of a range by their states; what it costs follows how often these change within it. */
export function foldStates(evidence: RangeEvidence): StateRanges {
  const { range, codeVersion, made } = evidence;
  const within = (ranges: Iterable<IndexRange>): IndexRanges => intersectRanges([range], uniteRanges(ranges));
  const there = within(made);
  const stale = uniteRanges(
    within(made.filter((entry) => entry.codeVersion !== codeVersion)),
    intersectRanges(there, within(evidence.inputChanged)),
  );
  const empty = subtractRanges(within(evidence.empty), stale);
  const missing = subtractRanges([range], there);
  const open = within(evidence.open);
  const failed = subtractRanges(within(evidence.failed), open);
  const unopened = subtractRanges(subtractRanges([range], open), failed);
  const awaited = intersectRanges(intersectRanges(missing, unopened), evidence.awaited ?? []);
  return {
    missing,
    empty,
    fresh: subtractRanges(subtractRanges(there, stale), empty),
    stale,
    waiting: uniteRanges(intersectRanges(open, evidence.unsettled), awaited),
    running: subtractRanges(open, evidence.unsettled),
    failed,
    idle: subtractRanges(unopened, awaited),
    late: intersectRanges(missing, within(evidence.due)),
    quarantined: within(evidence.quarantined),
  };
}

/** How many windows are in each state. */
export function countStates(states: StateRanges): Readonly<Record<State, number>> {
  const counts = Object.entries(states).map(([state, ranges]) => [state, countWindows(ranges)]);
  return Object.fromEntries(counts) as Record<State, number>;
}
