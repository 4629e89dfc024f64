import { begunWindows, intersectRanges } from '../model/index-ranges.ts';
import type { IndexRange, IndexRanges } from '../model/index-ranges.ts';
import { WHOLE } from '../model/mapping.ts';
import { parsePartition, windowAt, windowIndex } from '../model/window.ts';
import type { Instant, WindowKind, WindowSpec } from '../model/window.ts';
import { UsageError } from './errors.ts';
import type { RangeOptions } from './read-range.ts';

/** A time that need not be one of any asset's windows; an end that is undefined is open. */
export interface TimeRange {
  readonly start: Instant | undefined;
  readonly end: Instant | undefined;
}

const SPELLINGS: readonly WindowKind[] = [
  { unit: 'month' },
  { unit: 'day' },
  { unit: 'hour' },
  { unit: 'every', ms: 60_000 },
  { unit: 'every', ms: 1_000 },
];

/** Reads `--from` and `--to` of assets with windows of many kinds. Reversed, empty or future is a `UsageError`. */
export function readTimeRange({ from, to }: RangeOptions, now: Instant): TimeRange {
  const start = from === undefined ? undefined : readTime('--from', from);
  const end = to === undefined ? undefined : readTime('--to', to);
  if (start !== undefined && end !== undefined && end < start) {
    throw new UsageError(`The range is reversed: --from ${from} comes after --to ${to}. Exchange them.`);
  }
  if (start !== undefined && start === end) {
    throw new UsageError(`The range is empty: it stops before --to, which is where it begins. Write a later --to.`);
  }
  if (start !== undefined && start > now) {
    throw new UsageError(`The range is in the future: nothing from ${from} on has begun yet. Write an earlier --from.`);
  }
  return { start, end };
}

/** The windows of an asset that have begun and touch this time; empty where it has none there. */
export function windowsWithin(window: WindowSpec | undefined, { start, end }: TimeRange, now: Instant): IndexRanges {
  if (!window) return [WHOLE];
  const begun = begunWindows(window, now);
  const asked: IndexRange = {
    from: start === undefined ? begun.from : windowIndex(window, start),
    to: end === undefined ? begun.to : indexAfter(window, end),
  };
  return asked.from < asked.to ? intersectRanges([begun], [asked]) : [];
}

/** The number of the first window that starts at the instant or later. */
function indexAfter(window: WindowKind, at: Instant): number {
  const index = windowIndex(window, at);
  return windowAt(window, index).start === at ? index : index + 1;
}

function readTime(option: string, text: string): Instant {
  const at = SPELLINGS.map((kind) => parsePartition(kind, text)).find((found) => found !== undefined);
  if (at !== undefined) return at;
  throw new UsageError(`${option} "${text}" is no time. Write it in UTC: 2020-01-01T00, 2020-01-01 or 2020-01.`);
}
