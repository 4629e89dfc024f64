import type { DeriveInput } from './derive-run.ts';
import type { HourInput } from './hour-run.ts';
import type { IndexRange } from './index-ranges.ts';
import type { BackfillOnly, BackfillOrder } from './plan.ts';
import type { Instant } from './window.ts';

/** What a person asks for: which windows of a pipeline or a derived asset, in which order, how many at once. */
export interface BackfillAsked extends IndexRange, BackfillBounds {
  readonly only: BackfillOnly;
  readonly order: BackfillOrder;
  readonly width: number;
  /** With `quarantined`: only windows that hold something back for this reason. */
  readonly reason?: string;
}

/** What a backfill's run is held to. Left out, the workflow's own bounds hold; they are there to be made smaller. */
export interface BackfillBounds {
  /** A run that is open for so long is left to itself, and the others go on: six hours. */
  readonly patienceMs?: number;
  /** With so long a history nothing more is begun in it: 2,000 events. */
  readonly maxEvents?: number;
}

/** A request as it is put into the mailbox of its pipeline or derived asset. One that comes twice under the same id counts once. */
export interface BackfillRequest {
  /** 1 to 100 letters, digits, `.`, `_`, `-`. Made by whoever asks. */
  readonly id: string;
  readonly asked: BackfillAsked;
}

/** How many windows may be made at once. The server would take 500 open children. */
export const MAX_WIDTH = 200;

/** Bad ids would make workflow ids that nobody can type or link to. */
export function isRequestId(text: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,99}$/iu.test(text);
}

/** A width within its bounds. */
export function clampWidth(width: number): number {
  return Math.min(Math.max(Math.trunc(width) || 1, 1), MAX_WIDTH);
}

interface ItemOf<Type extends string, Input> {
  readonly workflowType: Type;
  readonly workflowId: string;
  /** As people name it: `2019-06-01T18`, or `door2door/trips 2019-06-01`. */
  readonly name: string;
  readonly input: Input;
}

/** One run that a backfill starts: of an hour, or of a derived partition. */
export type BackfillItem =
  | ItemOf<'hour', HourInput>
  /** `isAsked` where the backfill is of this very asset; else it follows from what was asked for. */
  | (ItemOf<'derive', DeriveInput> & { readonly isAsked?: true });

/** Whether a run is of what was asked for, and not of what is computed after it. */
export function isAskedFor(item: BackfillItem): boolean {
  return item.workflowType === 'hour' || item.isAsked === true;
}

/** How many runs there are, and what became of them. `done` is the sum of those below it. */
export interface BackfillTally {
  readonly total: number;
  readonly done: number;
  readonly made: number;
  readonly unchanged: number;
  /** Whose documents are not published yet; left out where there are none. */
  readonly waiting?: number;
  readonly failed: number;
}

/** A run that failed. */
export interface BackfillFailure {
  readonly partition: string;
  readonly reason: string;
}

/** `paused`: what runs ends, and nothing more is started. `failed`: the backfill itself broke, not its windows. */
export type BackfillRunState = 'running' | 'paused' | 'done' | 'cancelled' | 'failed';

/** How far a backfill is. The tally itself is of what was asked for. */
export interface BackfillProgress extends BackfillTally {
  readonly state: BackfillRunState;
  readonly width: number;
  /** How many runs it has open at this moment. */
  readonly open: number;
  /** The latest hundred that failed, hours and derived partitions. */
  readonly failures: readonly BackfillFailure[];
  /** What is computed after. */
  readonly derived: BackfillTally;
  /** Hours and derived partitions ended in a second, of late. Null before there is a rate. */
  readonly ratePerSecond: number | null;
  /** Until all have ended, at this rate; null where nobody can know. */
  readonly etaMs: number | null;
  readonly startedAt: Instant;
}
