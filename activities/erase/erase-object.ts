import { cancellationSignal } from '@temporalio/activity';
import { deleteStored } from '../../lake/delete-stored.ts';
import { listObjects } from '../../lake/list-objects.ts';
import { partitionPrefix } from '../../lake/object-keys.ts';
import type { LakeZone } from '../../lake/object-keys.ts';
import { rewriteMerged } from '../../lake/rewrite-merged.ts';
import { readEventCounts, writeEventCounts } from '../../model/event-counts.ts';
import type { PartitionRef } from '../../model/partition.ts';
import type { StoredObject } from '../../model/source-object.ts';
import { auditErasure } from '../../warehouse/audit-erasure.ts';
import { claimFence } from '../../warehouse/claim-fence.ts';
import { FencedError } from '../../warehouse/fence.ts';
import { forgetAttempts } from '../../warehouse/forget-attempts.ts';
import { SuppressionRisenError } from '../../warehouse/lock-suppression.ts';
import { publish } from '../../warehouse/publish.ts';
import { readVisible } from '../../warehouse/read-ledger.ts';
import { announce } from '../announce.ts';
import { getPipeline } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';
import { load } from '../hour/load.ts';
import type { Merged } from '../hour/merge.ts';
import { transform } from '../hour/transform.ts';
import { openSuppression } from './open-suppression.ts';

export interface ErasedObject {
  readonly erasure: string;
  readonly partition: PartitionRef;
  readonly object: StoredObject;
  readonly lines: number;
}

/** Where copies of a window's lines stand besides its merged object; nothing needs them once a load is published. */
const COPIES: readonly LakeZone[] = ['staged', 'quarantine'];

/** Runs of the window come in between so often before a later try of this step goes on. */
const MAX_OVERTAKEN = 5;

/**
 * Takes a person out of one merged object and all that was made of it. Where the window shows it, the window is made anew
 * of its erased lines, behind a fence as by any run: rows, quarantine and ledger change at one moment. Then the copies
 * are deleted, and the object last: as long as it is there, a search finds it and this is done once more.
 */
export async function eraseObject(
  dependencies: Dependencies,
  { erasure, partition, object, lines }: ErasedObject,
): Promise<void> {
  const { lake, warehouse, pipelines } = dependencies;
  const { spec } = getPipeline({ pipelines }, partition.pipeline);
  const signal = cancellationSignal();
  const isRemade = await remakeWindow(dependencies, partition, object);
  await forgetAttempts(warehouse, partition, (key) => deleteStored(lake, key, signal));
  await Promise.all(
    COPIES.map((zone) => deleteFolder(dependencies, partitionPrefix(zone, spec.window, partition), signal)),
  );
  await deleteStored(lake, object.key, signal);
  const counts = {
    pipeline: spec.name,
    window: new Date(partition.start).toISOString(),
    lines,
    remade: isRemade ? 1 : 0,
  };
  await auditErasure(warehouse.sql, { erasure, step: 'hour', actor: 'worker', counts });
  if (isRemade) await announce(dependencies, { kind: 'hour', partition });
}

/** Whether the window showed the object; when this returns it no longer does. */
async function remakeWindow(
  dependencies: Dependencies,
  partition: PartitionRef,
  object: StoredObject,
): Promise<boolean> {
  for (let overtaken = 0; overtaken < MAX_OVERTAKEN; overtaken += 1) {
    try {
      return await remakeOnce(dependencies, partition, object);
    } catch (error) {
      if (!(error instanceof FencedError) && !(error instanceof SuppressionRisenError)) throw error;
    }
  }
  throw new Error('Runs of a window that is to be erased came in between, again and again. It is tried again later.');
}

async function remakeOnce(dependencies: Dependencies, partition: PartitionRef, object: StoredObject): Promise<boolean> {
  const { lake, warehouse, pipelines } = dependencies;
  const { spec } = getPipeline({ pipelines }, partition.pipeline);
  const signal = cancellationSignal();
  const shows = async () =>
    (await readVisible(warehouse.sql, partition)).find(
      ({ asset, objectKey }) => asset === spec.events.asset && objectKey === object.key,
    );
  if (!(await shows())) return false;
  const fence = await claimFence(warehouse, partition);
  // A run may have published until the fence was claimed; none can after.
  const events = await shows();
  if (!events) return false;
  const suppression = await openSuppression(dependencies, spec);
  if (!suppression?.change)
    throw new RangeError(`Nobody is to be erased from ${spec.name}. Please report this as a bug.`);
  const { made, change } = suppression;
  const erased = await rewriteMerged(lake, {
    object,
    prefix: partitionPrefix('raw', spec.window, partition),
    change,
    signal,
  });
  const { files, lines } = readEventCounts(events.counts);
  const { inputDigest, codeVersion } = events;
  const merged: Merged = { state: 'merged', fence, inputDigest, object: erased, files, suppression: made.sequence };
  const visible = await readVisible(warehouse.sql, partition);
  if (visible.some(({ asset }) => asset !== spec.events.asset)) {
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

const DELETIONS_AT_ONCE = 4;
/** More than the tries of one window ever leave. */
const FOLDER = { objects: 200_000, remedy: 'Delete older ones by hand.' };

async function deleteFolder({ lake }: Dependencies, prefix: string, signal: AbortSignal): Promise<void> {
  const use = { bucket: lake.bucket, role: 'lake' } as const;
  const listed = listObjects(lake, { use, prefix, limit: FOLDER, signal });
  // A window's copies are a handful, each tried and deleted in three ways to the store.
  const deleteNext = async (): Promise<void> => {
    for (let next = await listed.next(); next.done !== true; next = await listed.next()) {
      await deleteStored(lake, next.value.key, signal);
    }
  };
  await Promise.all(Array.from({ length: DELETIONS_AT_ONCE }, deleteNext));
}
