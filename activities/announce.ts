import { findReached, madeByPipeline, withStarts } from '../model/find-reached.ts';
import type { MadeWindows } from '../model/find-reached.ts';
import { nodeOf } from '../model/graph.ts';
import { listIndexes } from '../model/index-ranges.ts';
import { WHOLE } from '../model/mapping.ts';
import type { AssetKey } from '../model/asset-key.ts';
import type { PartitionRef } from '../model/partition.ts';
import { WHOLE_START } from '../model/partition.ts';
import type { Instant } from '../model/window.ts';
import { windowAt, windowIndex } from '../model/window.ts';
import { listRuledBy } from '../warehouse/list-ruled.ts';
import { getPipeline } from './dependencies.ts';
import type { Dependencies } from './dependencies.ts';

/** What was just made: a window of a pipeline, or a partition of a derived asset. */
export type Announcement =
  | { readonly kind: 'hour'; readonly partition: PartitionRef }
  | { readonly kind: 'derived'; readonly asset: AssetKey; readonly start: Instant };

/**
 * Has every derived partition computed again that reads what was just made. Safe to repeat: one that is asked twice
 * finds the second time that nothing changed.
 */
export async function announce(
  dependencies: Pick<Dependencies, 'graph' | 'pipelines' | 'starter' | 'warehouse'>,
  announcement: Announcement,
): Promise<void> {
  const { graph, starter } = dependencies;
  for (const { node, ranges } of findReached(graph, await madeBy(dependencies, announcement), Date.now())) {
    for (const index of listIndexes(ranges)) {
      const start = node.window ? windowAt(node.window, index).start : WHOLE_START;
      await starter.signalDerive(node.derived, start);
    }
  }
}

async function madeBy(
  dependencies: Pick<Dependencies, 'graph' | 'pipelines' | 'warehouse'>,
  announcement: Announcement,
): Promise<MadeWindows> {
  if (announcement.kind === 'hour') {
    const { pipeline, start } = announcement.partition;
    const { spec } = getPipeline(dependencies, pipeline);
    const index = windowIndex(spec.window, start);
    const made = madeByPipeline(spec, [{ from: index, to: index + 1 }]);
    if (!spec.tables.some(({ set }) => set)) return made;
    // Rules over the whole set: what came with this window decides what is seen of others.
    return withStarts(made, spec, await listRuledBy(dependencies.warehouse.sql, announcement.partition));
  }
  const { asset, start } = announcement;
  const { window } = nodeOf(dependencies.graph, asset);
  const index = window ? windowIndex(window, start) : WHOLE.from;
  return new Map([[asset, [{ from: index, to: index + 1 }]]]);
}
