import type { AssetKey } from './asset-key.ts';
import type { DerivedSpec } from './derived-spec.ts';
import { nodeOf } from './graph.ts';
import type { AssetGraph } from './graph.ts';
import { inputRange, WHOLE } from './mapping.ts';
import { WHOLE_START } from './partition.ts';
import { begunWindows, timeOf } from './index-ranges.ts';
import { windowIndex } from './window.ts';
import type { Instant, Window } from './window.ts';

/** Partitions of one asset that a derived partition is made of: all that start within. */
export interface InputWindows extends Window {
  readonly asset: AssetKey;
}

/** What one partition of a derived asset is made of. */
export interface Inputs {
  /** One for each asset that it reads. */
  readonly ranges: readonly InputWindows[];
  /** How many partitions that is when all of them are made. */
  readonly expected: number;
}

/** The partitions that the derived partition which begins at `start` is made of, whether they were made or not. */
export function listInputs(graph: AssetGraph, spec: DerivedSpec, start: Instant, now: Instant): Inputs {
  const own = { window: spec.window, index: spec.window ? windowIndex(spec.window, start) : WHOLE.from };
  let expected = 0;
  const ranges = spec.reads.map(({ asset, mapping }): InputWindows => {
    const { window, kind } = nodeOf(graph, asset);
    // A derived day is there from its first hour on, a pipeline's window only when it is over.
    const isEarly = mapping.kind === 'all' && kind === 'derived' && window;
    const range = isEarly ? begunWindows(window, now) : inputRange(mapping, own, window, now);
    expected += range.to - range.from;
    return { asset, ...(window ? timeOf(window, range) : { start: WHOLE_START, end: WHOLE_START + 1 }) };
  });
  return { ranges, expected };
}
