import type { AssetNode } from '../model/graph.ts';
import { begunWindows, timeOf } from '../model/index-ranges.ts';
import type { IndexRange } from '../model/index-ranges.ts';
import { WHOLE } from '../model/mapping.ts';
import { WHOLE_START } from '../model/partition.ts';
import type { Instant, Window } from '../model/window.ts';
import { readRange } from './read-range.ts';
import type { RangeOptions } from './read-range.ts';

/** Partitions of one asset: their numbers, and the time in which they start. */
export interface AssetRange {
  readonly range: IndexRange;
  readonly within: Window;
}

/** Those that a person means by `--from` and `--to`; an asset without partitions is whole, whatever was written. */
export function readAssetRange(
  { key, window }: AssetNode,
  ends: RangeOptions,
  note: (line: string) => void,
  now: Instant,
): AssetRange {
  if (!window) return { range: WHOLE, within: { start: WHOLE_START, end: WHOLE_START + 1 } };
  const { range, note: cut } = readRange(
    { name: key, window, allowed: begunWindows(window, now), because: 'has begun' },
    ends,
  );
  if (cut !== undefined) note(cut);
  return { range, within: timeOf(window, range) };
}
