import type { IndexRange } from '../model/index-ranges.ts';
import { formatPartition, parsePartition, windowAt, windowIndex, windowOf } from '../model/window.ts';
import type { Instant, WindowKind, WindowSpec } from '../model/window.ts';
import { UsageError } from './errors.ts';

/** The ends of a range as a person wrote them; `to` is the window to stop before. */
export interface RangeOptions {
  readonly from?: string;
  readonly to?: string;
}

/** What a range is of: an asset or a pipeline, by the name that messages use. */
export interface RangeSubject {
  readonly name: string;
  readonly window: WindowSpec;
  /** The windows that can be meant now, and what they have in common: `is over and settled`, `has begun`. */
  readonly allowed: IndexRange;
  readonly because: string;
}

/** Windows that were asked for and can be meant. */
export interface ReadRange {
  readonly range: IndexRange;
  /** What was left out, for the person who asked; undefined where nothing was. */
  readonly note: string | undefined;
}

/**
 * Reads `--from` and `--to`. Without one the range reaches from the first window that can be meant to the last;
 * one that reaches further is cut there. A range that is reversed, empty, too early or in the future is a `UsageError`.
 */
export function readRange(subject: RangeSubject, { from, to }: RangeOptions): ReadRange {
  const { name, window, allowed, because } = subject;
  if (allowed.from === allowed.to) {
    throw new UsageError(`${name} begins at ${nameAt(window, allowed.from)}, and no window of it ${because} yet.`);
  }
  const start = from === undefined ? allowed.from : readEnd(subject, '--from', from);
  const end = to === undefined ? Math.max(allowed.to, start + 1) : readEnd(subject, '--to', to);
  if (start < allowed.from) {
    throw new UsageError(
      `${name} begins at ${nameAt(window, allowed.from)}; there is nothing before it. Write a later --from, or leave it out.`,
    );
  }
  if (end < start) {
    throw new UsageError(
      `The range is reversed: --from ${nameAt(window, start)} comes after --to ${nameAt(window, end)}. Exchange them.`,
    );
  }
  if (end === start) {
    throw new UsageError(
      `The range is empty: it stops before --to, which is where it begins. For this one window write --to ${nameAt(window, start + 1)}.`,
    );
  }
  if (start >= allowed.to) {
    throw new UsageError(
      `The range is in the future: no window from ${nameAt(window, start)} on ${because} yet. The newest one that ${because}: ${nameAt(window, allowed.to - 1)}.`,
    );
  }
  if (end <= allowed.to) return { range: { from: start, to: end }, note: undefined };
  return {
    range: { from: start, to: allowed.to },
    note: `No window from ${nameAt(window, allowed.to)} on ${because} yet; they are left out.`,
  };
}

/** `2020-01-01T00 … 2020-01-03T05`, or the one window; for an asset without windows `whole`. */
export function formatRange(window: WindowKind | undefined, { from, to }: IndexRange): string {
  if (!window) return 'whole';
  return to - from === 1 ? nameAt(window, from) : `${nameAt(window, from)} … ${nameAt(window, to - 1)}`;
}

/** The number of the window that begins where the text says. */
function readEnd({ name, window }: Pick<RangeSubject, 'name' | 'window'>, option: string, text: string): number {
  const at = parseInstant(window, text);
  if (at !== undefined && windowOf(window, at).start === at) return windowIndex(window, at);
  throw new UsageError(
    `${option} "${text}" is not the start of a window of ${name}. Write it in UTC, like its first one: ${formatPartition(window, window.first)}.`,
  );
}

/** In a range a day may stand for its first hour: it is plain which instant is meant. */
function parseInstant(window: WindowKind, text: string): Instant | undefined {
  const kinds: readonly WindowKind[] = [window, { unit: 'hour' }, { unit: 'day' }, { unit: 'month' }];
  return kinds.map((kind) => parsePartition(kind, text)).find((at) => at !== undefined);
}

function nameAt(window: WindowKind, index: number): string {
  return formatPartition(window, windowAt(window, index).start);
}
