import { windowAt, windowIndex } from './window.ts';
import type { Instant, Window, WindowKind, WindowSpec } from './window.ts';

/** Windows from `from` to before `to`, by their numbers (`windowIndex`). Empty where they are equal. */
export interface IndexRange {
  readonly from: number;
  readonly to: number;
}

/**
 * A set of windows. Always tidy: ascending, none empty, none touching the next; so two equal sets are the same list,
 * and 200,000 hours in a row are one entry. Every function here takes and gives tidy lists; `uniteRanges` makes them.
 */
export type IndexRanges = readonly IndexRange[];

/** All windows that are in any of the lists; these alone may be untidy: unordered, overlapping, empty. */
export function uniteRanges(...lists: readonly Iterable<IndexRange>[]): IndexRanges {
  const pieces = lists
    .flatMap((list) => [...list])
    .filter(({ from, to }) => from < to)
    .sort((a, b) => a.from - b.from);
  const united: { from: number; to: number }[] = [];
  for (const { from, to } of pieces) {
    const last = united.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else united.push({ from, to });
  }
  return united;
}

/** The windows that are in both. */
export function intersectRanges(a: IndexRanges, b: IndexRanges): IndexRanges {
  const shared: IndexRange[] = [];
  let [i, j] = [0, 0];
  for (let [left, right] = [a[i], b[j]]; left && right; [left, right] = [a[i], b[j]]) {
    const [from, to] = [Math.max(left.from, right.from), Math.min(left.to, right.to)];
    if (from < to) shared.push({ from, to });
    if (left.to < right.to) i += 1;
    else j += 1;
  }
  return shared;
}

/** The windows of `a` that are not in `b`. */
export function subtractRanges(a: IndexRanges, b: IndexRanges): IndexRanges {
  const rest: IndexRange[] = [];
  let next = 0;
  for (const { from, to } of a) {
    let start = from;
    for (let hole = b[next]; hole && hole.from < to; hole = b[next]) {
      if (start < hole.from) rest.push({ from: start, to: hole.from });
      start = Math.max(start, hole.to);
      if (hole.to > to) break;
      next += 1;
    }
    if (start < to) rest.push({ from: start, to });
  }
  return rest;
}

/** How many windows there are. */
export function countWindows(ranges: IndexRanges): number {
  return ranges.reduce((count, { from, to }) => count + to - from, 0);
}

/** The windows' numbers one by one, never all at once: `oldest` is ascending, `newest` descending. */
export function* listIndexes(ranges: IndexRanges, order: 'oldest' | 'newest' = 'oldest'): Generator<number, void> {
  for (const { from, to } of order === 'oldest' ? ranges : [...ranges].reverse()) {
    for (let step = 0; step < to - from; step += 1) yield order === 'oldest' ? from + step : to - 1 - step;
  }
}

/** The windows that have begun at an instant, from the first there can be: also the one that is under way. */
export function begunWindows(window: WindowSpec, now: Instant): IndexRange {
  return fromFirst(window, windowIndex(window, now) + 1);
}

/** The windows that are over at an instant, from the first there can be. */
export function endedWindows(window: WindowSpec, now: Instant): IndexRange {
  return fromFirst(window, windowIndex(window, now));
}

function fromFirst(window: WindowSpec, to: number): IndexRange {
  const from = windowIndex(window, window.first);
  return { from, to: Math.max(from, to) };
}

/** The time from the start of the first window to the end of the last. */
export function timeOf(kind: WindowKind, { from, to }: IndexRange): Window {
  return { start: windowAt(kind, from).start, end: windowAt(kind, to).start };
}
