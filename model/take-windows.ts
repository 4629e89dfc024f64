import { countWindows } from './index-ranges.ts';
import type { IndexRange, IndexRanges } from './index-ranges.ts';
import type { BackfillOrder } from './plan.ts';

/** A page of a set of windows: at most `limit` of them, after the first `offset`, counted from the end that comes first. */
export function takeWindows(
  ranges: IndexRanges,
  { order, offset, limit }: { readonly order: BackfillOrder; readonly offset: number; readonly limit: number },
): IndexRanges {
  const total = countWindows(ranges);
  const [first, end] =
    order === 'oldest'
      ? [offset, Math.min(offset + limit, total)]
      : [Math.max(total - offset - limit, 0), total - offset];
  const taken: IndexRange[] = [];
  let passed = 0;
  for (const { from, to } of ranges) {
    const [start, stop] = [Math.max(from, from + first - passed), Math.min(to, from + end - passed)];
    if (start < stop) taken.push({ from: start, to: stop });
    passed += to - from;
  }
  return taken;
}
