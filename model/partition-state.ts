import { explainAwaited, nameAwaited } from './awaited-documents.ts';
import type { AwaitedDocuments } from './awaited-documents.ts';
import type { LedgerEntry } from './ledger-entry.ts';
import { windowOf } from './window.ts';
import type { Instant, WindowKind } from './window.ts';

/** What the ledger says of a partition. `empty`: made, and there was nothing for it. */
export type DataState = 'missing' | 'empty' | 'fresh' | 'stale';

/**
 * What is being tried, or how the last try ended if it failed after the last publish. `waiting`: for the window's end, or
 * for documents that are not published yet.
 */
export type AttemptState = 'idle' | 'waiting' | 'running' | 'failed';

/** `late`: promised, the deadline passed, not there. `quarantined`: records are held back. */
export type PartitionMark = 'late' | 'quarantined';

/** The two facts of a partition and its marks, each fact with its reason in sentences for a person. */
export interface PartitionFacts {
  readonly data: DataState;
  readonly attempt: AttemptState;
  readonly marks: readonly PartitionMark[];
  readonly why: { readonly data: string; readonly attempt: string };
}

/** All that the facts of one asset's partition follow from. */
export interface PartitionEvidence {
  /** Undefined where the asset has no partitions. */
  readonly window: WindowKind | undefined;
  readonly start: Instant;
  /** How long after its end the window is left alone; 0 for derived assets. */
  readonly settleMs: number;
  /** Reconcile looks after windows that end later than this; undefined where it looks after all: derived assets. */
  readonly watchedFrom: Instant | undefined;
  /** The visible ledger entry. */
  readonly made:
    | (Pick<LedgerEntry, 'codeVersion' | 'rowCount' | 'counts'> & { readonly publishedAt: Instant })
    | undefined;
  /** Records of it that rules over all hours take out of sight. */
  readonly ruledOut?: number;
  /** When it was last made, where it was taken back since. */
  readonly wiped?: { readonly publishedAt: Instant } | undefined;
  /** Of the asset as it is defined now. */
  readonly codeVersion: string;
  /** Whether the input is what it was when the partition was made; `unknown` where nobody compared. */
  readonly input: 'same' | 'changed' | 'unknown';
  readonly openRun: { readonly startedAt: Instant } | undefined;
  readonly lastFailure:
    | { readonly reason: string; readonly retryable: boolean; readonly failedAt: Instant }
    | undefined;
  /** Windows that begin at `from` or later are promised to be there this long after their end. */
  readonly promise: { readonly promiseMs: number; readonly from: Instant } | undefined;
  /** The documents it waits for where it was never made; left out where there are none to wait for. */
  readonly awaited?: AwaitedDocuments | undefined;
  /** Nothing is started by itself where the pipeline is paused; the note says why. */
  readonly paused: { readonly note: string } | undefined;
  readonly now: Instant;
}

/** Says what a partition is and why. */
export function describePartition(evidence: PartitionEvidence): PartitionFacts {
  const data = dataStateOf(evidence);
  const attempt = attemptStateOf(evidence);
  return {
    data,
    attempt,
    marks: [
      ...(isLate(evidence) ? (['late'] as const) : []),
      ...(countHeld(evidence) > 0 ? (['quarantined'] as const) : []),
    ],
    why: { data: explainData(evidence), attempt: explainAttempt(evidence, data, attempt) },
  };
}

function countHeld({ made, ruledOut = 0 }: PartitionEvidence): number {
  return (made?.counts.quarantined ?? 0) + ruledOut;
}

/** The state of a partition's data alone, without its reason. */
export function dataStateOf({
  made,
  codeVersion,
  input,
}: Pick<PartitionEvidence, 'codeVersion' | 'input'> & {
  readonly made: Pick<LedgerEntry, 'codeVersion' | 'rowCount' | 'counts'> | undefined;
}): DataState {
  if (!made) return 'missing';
  if (made.codeVersion !== codeVersion || input === 'changed') return 'stale';
  const { listed } = made.counts;
  // A merged object is of files, which may be there without a line; all else is of rows.
  return (listed ?? made.rowCount) === 0 ? 'empty' : 'fresh';
}

function attemptStateOf(evidence: PartitionEvidence): AttemptState {
  const { openRun, lastFailure, made, awaited } = evidence;
  if (openRun) return isSettled(evidence) ? 'running' : 'waiting';
  if (!lastFailure) return awaited && !made && isSettled(evidence) ? 'waiting' : 'idle';
  return made && made.publishedAt >= lastFailure.failedAt ? 'idle' : 'failed';
}

function isSettled({ window, start, settleMs, now }: PartitionEvidence): boolean {
  return endOf(window, start) + settleMs <= now;
}

function isLate({ window, start, made, promise, now }: PartitionEvidence): boolean {
  return !made && promise !== undefined && start >= promise.from && endOf(window, start) + promise.promiseMs < now;
}

function explainData(evidence: PartitionEvidence): string {
  const { made, codeVersion, input, ruledOut = 0 } = evidence;
  if (!made) return explainMissing(evidence);
  const { inputs, expected, quarantined = 0 } = made.counts;
  const of = inputs !== undefined && expected !== undefined ? ` of ${inputs} of ${expected} inputs` : '';
  const at = `${formatTime(made.publishedAt)}${of}`;
  const nothing = dataStateOf(evidence) === 'empty' ? ' There was nothing for it.' : '';
  const held = quarantined > 0 ? ` ${count(quarantined, 'record')} held back in quarantine.` : '';
  const ruled = ruledOut > 0 ? ` ${count(ruledOut, 'record')} out of sight by rules over all hours.` : '';
  return `${explainMade(made.codeVersion !== codeVersion, input, at)}.${nothing}${held}${ruled}`;
}

function explainMade(isCodeChanged: boolean, input: PartitionEvidence['input'], at: string): string {
  const isInputChanged = input === 'changed';
  if (isCodeChanged && isInputChanged) return `Its input and its code changed since it was made at ${at}`;
  if (isCodeChanged) return `Its code changed since it was made at ${at}`;
  if (isInputChanged) return `Its input changed since it was made at ${at}`;
  if (input === 'same') return `Made at ${at}; neither its input nor its code changed since`;
  return `Made at ${at}; its code did not change since`;
}

function explainMissing({ window, start, settleMs, promise, wiped, now }: PartitionEvidence): string {
  if (wiped) return `Taken out of the warehouse since it was made at ${formatTime(wiped.publishedAt)}.`;
  if (!window) return 'Never made.';
  const end = endOf(window, start);
  if (start > now) return `Its window begins at ${formatTime(start)}.`;
  if (end > now) return `Its window ends at ${formatTime(end)}.`;
  if (end + settleMs > now)
    return `Its window ended at ${formatTime(end)} and settles until ${formatTime(end + settleMs)}.`;
  if (!promise) return 'Never made.';
  if (start < promise.from) return `Never made, and not promised: promises begin with ${formatTime(promise.from)}.`;
  const deadline = end + promise.promiseMs;
  return deadline < now
    ? `Never made, though it was promised by ${formatTime(deadline)}.`
    : `Not made yet; it is promised by ${formatTime(deadline)}.`;
}

function explainAttempt(evidence: PartitionEvidence, data: DataState, attempt: AttemptState): string {
  const { window, start, settleMs, openRun, lastFailure } = evidence;
  if (attempt === 'waiting' && !openRun && evidence.awaited) return explainWaiting(evidence, evidence.awaited);
  if (attempt === 'waiting') {
    return `A run waits until ${formatTime(endOf(window, start) + settleMs)}, when the window is over and settled.`;
  }
  if (openRun) {
    const before = lastFailure ? ` The run before it failed: ${endSentence(lastFailure.reason)}` : '';
    return `Running since ${formatTime(openRun.startedAt)}.${before}`;
  }
  if (attempt === 'failed' && lastFailure) {
    const { reason, retryable, failedAt } = lastFailure;
    const next = retryable ? explainWhyNot(evidence) : ' It will not be tried again until its input or code changes.';
    return `The last run failed at ${formatTime(failedAt)}: ${endSentence(reason)}${next}`;
  }
  if (data === 'fresh' || data === 'empty') return 'Nothing is to be done.';
  return `No run is open.${explainWhyNot(evidence)}`;
}

/** What was taken back may well be published; nobody asks while the pipeline is paused. */
function explainWaiting({ paused, wiped }: PartitionEvidence, awaited: AwaitedDocuments): string {
  const name = nameAwaited(awaited);
  if (paused)
    return `It waits for ${name}, and nothing is asked for while the pipeline is paused: ${endSentence(paused.note)}`;
  return wiped ? `It waits for ${name}, and the next reconcile asks for it.` : explainAwaited(awaited);
}

/** Why something that should be made is not being made, and what would have it made. */
function explainWhyNot({ window, start, watchedFrom, paused, now }: PartitionEvidence): string {
  if (paused) return ` Nothing is started while the pipeline is paused: ${endSentence(paused.note)}`;
  if (start > now) return ' One is started when its window begins.';
  if (watchedFrom !== undefined && endOf(window, start) <= watchedFrom) {
    return ` Reconcile looks back to ${formatTime(watchedFrom)} only; start a backfill to have it made.`;
  }
  return ' The next reconcile looks at it.';
}

/** Assets without partitions are never waited for. */
function endOf(window: WindowKind | undefined, start: Instant): Instant {
  return window ? windowOf(window, start).end : start;
}

/** Reasons and notes come from elsewhere, with a full stop or without. */
function endSentence(text: string): string {
  return /[.!?]$/u.test(text) ? text : `${text}.`;
}

function count(n: number, noun: string): string {
  return n === 1 ? `1 ${noun} is` : `${n} ${noun}s are`;
}

function formatTime(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
