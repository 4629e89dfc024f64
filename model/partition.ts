import type { PipelineName } from './asset-key.ts';
import type { Instant } from './window.ts';

/** One window of a pipeline, named by its start. What locks, ledger rows and workflow ids are about. */
export interface PartitionRef {
  readonly pipeline: PipelineName;
  readonly start: Instant;
}
