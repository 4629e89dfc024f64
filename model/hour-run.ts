import type { AwaitedDocuments } from './awaited-documents.ts';
import type { FailedCheck } from './check-result.ts';
import type { FileCounts, LineCounts } from './counts.ts';
import type { DataState } from './partition-state.ts';
import type { WindowKind } from './window.ts';

/** The steps of a window's workflow, in their order. */
export type Step = 'extract' | 'merge' | 'transform' | 'load';

/** What a run of a window's workflow is asked for. Nothing here names the window: its id does. */
export interface HourInput {
  /** Make it again even where neither input nor code changed. */
  readonly force?: boolean;
  /** Stop when the merged object is in the lake and in the ledger. */
  readonly until?: 'merge';
  /** Begin with the merged object that the ledger points to; the source is not touched. */
  readonly from?: 'transform';
  /** Tell nobody who reads the window: who asked for this run sees to those itself. */
  readonly announce?: false;
  /** Leaves its day's list of current Parquet as it is: who asked for this run writes it. */
  readonly list?: false;
  /** Gives way to live runs: its steps wait in a queue of their own. */
  readonly backfill?: true;
  /** A light window is made in one step: nobody looks at, or goes on from, a single step of thousands of such windows. */
  readonly whole?: true;
  /** What the definition says, where whoever starts the run has just read it; its search attributes are set then, too. */
  readonly described?: DescribedPipeline;
}

/** When a run may begin. */
export interface DescribedPipeline {
  readonly window: WindowKind;
  readonly settleMs: number;
  /** Whether some asset is computed from this pipeline's. Absent in histories from before there were such. */
  readonly isRead?: boolean;
  /** Its records come from a function of its own, in place of extract and merge. */
  readonly isMadeByCode?: boolean;
  /** Some table is Parquet in the lake too. Absent in histories from before there was such. */
  readonly hasParquet?: boolean;
}

/** How many of each there were; the names that people and programs read. `lines` are null where none were read. */
export interface RunCounts {
  readonly files: number;
  readonly filesLoaded: number;
  readonly filesRejected: number;
  readonly filesSkipped: number;
  readonly filesEmpty: number;
  readonly lines: number | null;
  readonly good: number | null;
  readonly duplicate: number | null;
  readonly quarantined: number | null;
}

/** What a finished run made, or found made. */
export interface HourResult {
  /**
   * `unchanged`: the ledger already had this input made by this code. `waiting`: none of its documents is published yet,
   * and what was made before stays.
   */
  readonly outcome: 'made' | 'unchanged' | 'waiting';
  /** The ledger's word on the window after the run: `empty` is made with nothing in it. Anything after `waiting`. */
  readonly data: DataState;
  readonly counts: RunCounts;
  /** Rows by asset key. Without the tables after `until: 'merge'`. */
  readonly rows: Readonly<Record<string, number>>;
  /** Checks that warn of what was made; left out where there are none. */
  readonly failedChecks?: readonly FailedCheck[];
  /** What it waits for; only where it does. */
  readonly awaited?: AwaitedDocuments;
}

/** The counts of a run in the shape that is shown. */
export function makeRunCounts(files: FileCounts, lines: LineCounts | null): RunCounts {
  return {
    files: files.listed,
    filesLoaded: files.loaded,
    filesRejected: files.rejected,
    filesSkipped: files.skipped,
    filesEmpty: files.empty,
    lines: lines?.lines ?? null,
    good: lines?.good ?? null,
    duplicate: lines?.duplicate ?? null,
    quarantined: lines?.quarantined ?? null,
  };
}
