import type { AssetKey } from '../../model/asset-key.ts';
import { nodeOf } from '../../model/graph.ts';
import { WHOLE_START } from '../../model/partition.ts';
import { TerminalError } from '../../model/terminal-error.ts';
import { formatPartition, windowOf } from '../../model/window.ts';
import type { Instant } from '../../model/window.ts';
import { getDerived } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';

/** Which partition of which derived asset a run is about. */
export interface DerivedTarget {
  readonly asset: AssetKey;
  readonly start: Instant;
}

/** What a run must know of its asset, as its definition is now. */
export interface DescribedDerived {
  /** The partition's name; `whole` where the asset has one only. */
  readonly partition: string;
  /** Whether some other asset is computed from this one. */
  readonly isRead: boolean;
}

/** A workflow id names no partition of its asset. */
export class NoPartitionError extends TerminalError {
  constructor(asset: AssetKey, start: Instant) {
    super(`${new Date(start).toISOString()} is not the start of a partition of ${asset}. Start another one.`);
    this.name = 'NoPartitionError';
  }
}

/** Says what a run of this partition is about. Throws a `NoPartitionError` where there is no such partition. */
export async function describeDerived(
  { graph }: Pick<Dependencies, 'graph'>,
  { asset, start }: DerivedTarget,
): Promise<DescribedDerived> {
  const { window } = getDerived({ graph }, asset);
  const isStart = window ? windowOf(window, start).start === start : start === WHOLE_START;
  if (!isStart) throw new NoPartitionError(asset, start);
  return {
    partition: formatPartition(window, start),
    isRead: nodeOf(graph, asset).readBy.length > 0,
  };
}
