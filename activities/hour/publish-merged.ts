import { writeEventCounts } from '../../model/event-counts.ts';
import type { PartitionRef } from '../../model/partition.ts';
import type { PipelineSpec } from '../../model/pipeline-spec.ts';
import type { Fence } from '../../warehouse/fence.ts';
import { publish } from '../../warehouse/publish.ts';
import type { Dependencies } from '../dependencies.ts';
import { dropWhenRisen } from '../erase/drop-when-risen.ts';
import type { OpenSuppression } from '../erase/open-suppression.ts';
import type { Merged } from './merge.ts';

/** A merged object in the lake, and how it was made. */
export interface MergedObjectToPublish extends Pick<Merged, 'inputDigest' | 'object' | 'files'> {
  readonly partition: PartitionRef;
  readonly fence: Fence;
  readonly suppression: OpenSuppression | undefined;
  readonly signal: AbortSignal;
}

/** Commits the ledger's row of a window's merged object, whether files or a function filled it. */
export async function publishMerged(
  dependencies: Pick<Dependencies, 'lake' | 'warehouse'>,
  { events }: Pick<PipelineSpec, 'events'>,
  { partition, fence, inputDigest, object, files, suppression, signal }: MergedObjectToPublish,
): Promise<Merged> {
  await dropWhenRisen(dependencies, partition, object, () =>
    publish(dependencies.warehouse, {
      partition,
      fence,
      copies: [],
      signal,
      ...(suppression ? { suppression: suppression.made } : {}),
      ledger: [
        {
          asset: events.asset,
          codeVersion: events.codeVersion,
          inputDigest,
          rowCount: 0,
          counts: writeEventCounts({ files, bytes: object.size, lines: null }),
          objectKey: object.key,
        },
      ],
    }),
  );
  const by = suppression ? { suppression: suppression.made.sequence } : {};
  return { state: 'merged', fence, inputDigest, object, files, ...by };
}
