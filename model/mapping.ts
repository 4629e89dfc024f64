import type { IndexRange } from './index-ranges.ts';
import { endedWindows } from './index-ranges.ts';
import { formatWindowKind, windowAt, windowIndex, windowLengthMs } from './window.ts';
import type { Instant, WindowKind, WindowSpec } from './window.ts';

/**
 * How a partition of a derived asset is made of partitions of an asset that it reads.
 *
 * - `same`: of the partition with the same window.
 * - `within`: of all finer windows that lie in its own: the 24 hours of a day, the days of a month.
 * - `around`: of the windows next to its own: yesterday and today.
 * - `all`: of everything there is: for assets without partitions.
 */
export type Mapping =
  | { readonly kind: 'same' }
  | { readonly kind: 'within' }
  /** Of `count` windows, the first of which lies `offset` windows from the own one: -1, 2 is the one before and the own. */
  | { readonly kind: 'around'; readonly offset: number; readonly count: number }
  | { readonly kind: 'all' };

/** The one partition of an asset without windows, as if it were window 0. */
export const WHOLE: IndexRange = { from: 0, to: 1 };

/**
 * The windows of an input that one window of a derived asset is made of, whether they were made or not. Windows before
 * the input's first do not count: nothing is expected of them. `all` reaches up to the windows that are over `now`.
 * A window that is undefined stands for an asset without partitions, and its number is 0.
 */
export function inputRange(
  mapping: Mapping,
  own: { readonly window: WindowKind | undefined; readonly index: number },
  input: WindowSpec | undefined,
  now: Instant,
): IndexRange {
  if (!input) return WHOLE;
  if (!own.window) return endedWindows(input, now);
  return clampFrom(windowIndex(input, input.first), inputsOf(mapping, own.window, own.index, input));
}

function inputsOf(mapping: Mapping, own: WindowKind, index: number, input: WindowSpec): IndexRange {
  switch (mapping.kind) {
    case 'same':
      return { from: index, to: index + 1 };
    case 'within': {
      const { start, end } = windowAt(own, index);
      return { from: windowIndex(input, start), to: windowIndex(input, end) };
    }
    case 'around':
      return { from: index + mapping.offset, to: index + mapping.offset + mapping.count };
    case 'all':
      throw new Error('A partition is never made of all of an asset: findMappingProblem refuses it.');
  }
}

/**
 * The inverse of `inputRange`: the windows of a derived asset that are made of any of these windows of an input, from
 * the derived asset's first on. With `around` they may lie in the future; `begunWindows` says which do not.
 */
export function derivedRange(
  mapping: Mapping,
  input: { readonly window: WindowKind | undefined; readonly range: IndexRange },
  own: WindowSpec | undefined,
): IndexRange {
  const { window, range } = input;
  if (range.from >= range.to) return { from: 0, to: 0 };
  if (!own) return WHOLE;
  return clampFrom(windowIndex(own, own.first), madeOf(mapping, window, range, own));
}

function madeOf(mapping: Mapping, input: WindowKind | undefined, range: IndexRange, own: WindowSpec): IndexRange {
  switch (mapping.kind) {
    case 'same':
      return range;
    case 'within': {
      if (!input) throw new Error('Nothing without partitions lies within a window: findMappingProblem refuses it.');
      const last = windowAt(input, range.to - 1).start;
      return { from: windowIndex(own, windowAt(input, range.from).start), to: windowIndex(own, last) + 1 };
    }
    case 'around':
      return { from: range.from - mapping.offset - mapping.count + 1, to: range.to - mapping.offset };
    case 'all':
      throw new Error('A partition is never made of all of an asset: findMappingProblem refuses it.');
  }
}

/**
 * What is wrong with reading `input` by this mapping, as the end of a sentence about the derived asset that also says
 * what to write instead; undefined where the windows map. `inputRange` and `derivedRange` hold only for those.
 */
export function findMappingProblem(
  mapping: Mapping,
  own: WindowKind | undefined,
  input: WindowKind | undefined,
): string | undefined {
  if (!own) {
    if (mapping.kind === 'all') return undefined;
    return `has no partitions, so it reads all of each input, not "${mapping.kind}". Leave the mapping out or write "all".`;
  }
  if (!input || mapping.kind === 'all') {
    return `has partitions, and each would be made again whenever anything it reads changes, as it reads ${
      input ? 'all of an input' : 'an input without partitions'
    }. Leave its window out.`;
  }
  const [mine, theirs] = [formatWindowKind(own), formatWindowKind(input)];
  switch (mapping.kind) {
    case 'same':
      if (isSameWindow(own, input)) return undefined;
      return `is made by the ${mine}, its input by the ${theirs}. Use the mapping "within", or the same window for both.`;
    case 'within':
      if (liesWithin(own, input)) return undefined;
      return `is made by the ${mine}, which no whole number of its input's windows (${theirs}) fills. Choose a longer window.`;
    case 'around':
      if (!Number.isSafeInteger(mapping.offset) || !Number.isSafeInteger(mapping.count) || mapping.count < 1) {
        return `reads ${mapping.count} windows from ${mapping.offset} on. Write whole numbers, the count at least 1.`;
      }
      if (isSameWindow(own, input)) return undefined;
      return `is made by the ${mine}, its input by the ${theirs}. "around" counts windows of one length: use the same for both.`;
  }
}

/** Whether two kinds cut time at the same instants: `every('1 hour')` is an hour by another name. */
function isSameWindow(a: WindowKind, b: WindowKind): boolean {
  if (a.unit === 'month' || b.unit === 'month') return a.unit === b.unit;
  return windowLengthMs(a) === windowLengthMs(b);
}

/** Whether every window of `inner` lies in exactly one of `outer`. All lengths divide a day, so all fill a month. */
function liesWithin(outer: WindowKind, inner: WindowKind): boolean {
  if (outer.unit === 'month') return true;
  return inner.unit !== 'month' && windowLengthMs(outer) % windowLengthMs(inner) === 0;
}

function clampFrom(first: number, { from, to }: IndexRange): IndexRange {
  return { from: Math.max(from, first), to: Math.max(to, first) };
}
