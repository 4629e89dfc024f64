import { cancellationSignal } from '@temporalio/activity';
import { digestOfMerged, partitionPrefix } from '../../lake/object-keys.ts';
import { rewriteMerged } from '../../lake/rewrite-merged.ts';
import { readEventCounts, writeEventCounts } from '../../model/event-counts.ts';
import type { PartitionRef } from '../../model/partition.ts';
import { claimFence } from '../../warehouse/claim-fence.ts';
import { publish } from '../../warehouse/publish.ts';
import { readVisible } from '../../warehouse/read-ledger.ts';
import { getPipeline } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';
import { load } from '../hour/load.ts';
import type { Merged } from '../hour/merge.ts';
import { transform } from '../hour/transform.ts';
import { againWhenOvertaken } from './again-when-overtaken.ts';
import { openSuppression } from './open-suppression.ts';

/**
 * Makes a window anew of the erased lines of the merged object that it shows, if it is this one (or whichever, where none
 * is said): behind a fence as by any run, so that rows, quarantine, Parquet and ledger change at one moment. Says whether
 * it did; where it did not, the window does not show the object.
 */
export function remakeWindow(dependencies: Dependencies, partition: PartitionRef, key?: string): Promise<boolean> {
  return againWhenOvertaken(() => remakeOnce(dependencies, partition, key));
}

async function remakeOnce(
  dependencies: Dependencies,
  partition: PartitionRef,
  key: string | undefined,
): Promise<boolean> {
  const { lake, warehouse, pipelines } = dependencies;
  const { spec } = getPipeline({ pipelines }, partition.pipeline);
  const signal = cancellationSignal();
  const findShown = async () => {
    const visible = await readVisible(warehouse.sql, partition);
    const events = visible.find(({ asset }) => asset === spec.events.asset);
    const isMeant = events?.objectKey !== undefined && (key === undefined || events.objectKey === key);
    return isMeant ? { ...events, objectKey: events.objectKey, hasTables: visible.length > 1 } : undefined;
  };
  if (!(await findShown())) return false;
  const fence = await claimFence(warehouse, partition);
  // A run may have published until the fence was claimed; none can after.
  const events = await findShown();
  const digest = events && digestOfMerged(events.objectKey, undefined);
  if (!events || digest === undefined) return false;
  const suppression = await openSuppression(dependencies, spec);
  if (!suppression?.change)
    throw new RangeError(`Nobody is to be erased from ${spec.name}. Please report this as a bug.`);
  const { made, change } = suppression;
  const { files, bytes, lines } = readEventCounts(events.counts);
  const erased = await rewriteMerged(lake, {
    object: { key: events.objectKey, size: bytes, digest },
    prefix: partitionPrefix('raw', spec.window, partition),
    change,
    signal,
  });
  const { inputDigest, codeVersion } = events;
  const merged: Merged = { state: 'merged', fence, inputDigest, object: erased, files, suppression: made.sequence };
  if (events.hasTables) {
    const staged = await transform(dependencies, { partition, merged });
    await load(dependencies, { partition, merged, staged });
    return true;
  }
  await publish(warehouse, {
    partition,
    fence,
    copies: [],
    signal,
    suppression: made,
    ledger: [
      {
        asset: spec.events.asset,
        inputDigest,
        codeVersion,
        rowCount: 0,
        counts: writeEventCounts({ files, bytes: erased.size, lines }),
        objectKey: erased.key,
      },
    ],
  });
  return true;
}
