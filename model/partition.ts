import type { AssetKey, PipelineName } from './asset-key.ts';
import type { Instant } from './window.ts';

/**
 * One window of a pipeline, named by its start. What locks, ledger rows and workflow ids are about.
 * A derived asset is its own maker: see `derivedPartition`.
 */
export interface PartitionRef {
  readonly pipeline: PipelineName;
  readonly start: Instant;
}

/** The start by which the one partition of an asset without windows is known. */
export const WHOLE_START: Instant = 0;

/**
 * A partition of a derived asset, in the place where the others have their pipeline's: its key stands for the maker.
 * It is never mistaken for a pipeline's: the key of a derived asset has a `/`, the name of a pipeline none.
 */
export function derivedPartition(asset: AssetKey, start: Instant): PartitionRef {
  return { pipeline: asset as string as PipelineName, start };
}
