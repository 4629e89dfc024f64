import { cancellationSignal } from '@temporalio/activity';
import { deleteStored } from '../../lake/delete-stored.ts';
import type { PartitionRef } from '../../model/partition.ts';
import { auditErasure } from '../../warehouse/audit-erasure.ts';
import { forgetAttempts } from '../../warehouse/forget-attempts.ts';
import { readVisible } from '../../warehouse/read-ledger.ts';
import { announce } from '../announce.ts';
import { getPipeline } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';
import { listCurrent } from '../hour/list-current.ts';
import { deleteCopies } from './delete-copies.ts';
import { remakeWindow } from './remake-window.ts';

export interface ErasedObject {
  readonly erasure: string;
  readonly partition: PartitionRef;
  /** The merged object whose lines are a person's. */
  readonly key: string;
  readonly lines: number;
}

/**
 * Takes a person out of one merged object and all that was made of it. Where the window shows it, the window is made
 * anew. Then the copies are deleted, and the object last: as long as it is there, a search finds it and this is done once
 * more.
 */
export async function eraseObject(
  dependencies: Dependencies,
  { erasure, partition, key, lines }: ErasedObject,
): Promise<void> {
  const isRemade = await remakeWindow(dependencies, partition, key);
  await forgetCopies(dependencies, partition);
  await deleteStored(dependencies.lake, key, cancellationSignal());
  await audit(dependencies, { erasure, partition, lines, isRemade });
}

/** Where a copy of a person's lines stands that no merged object leads to. */
export interface ErasedCopy {
  readonly erasure: string;
  readonly partition: PartitionRef;
  readonly key: string;
  readonly kind: 'staged' | 'parquet' | 'log';
}

/**
 * Takes away a staged object, a Parquet object or a log that tells of a person. Parquet that the ledger names goes by
 * making its window anew.
 */
export async function eraseCopy(
  dependencies: Dependencies,
  { erasure, partition, key, kind }: ErasedCopy,
): Promise<void> {
  const visible = await readVisible(dependencies.warehouse.sql, partition);
  const isNamed = visible.some(({ objectKey }) => objectKey === key);
  const isRemade = isNamed && (await remakeWindow(dependencies, partition));
  await forgetCopies(dependencies, partition);
  // A log may have no note that leads to it: its worker died between the two.
  if (kind === 'log') await deleteStored(dependencies.lake, key, cancellationSignal());
  await audit(dependencies, { erasure, partition, lines: 0, isRemade });
}

/** All that was made of a window's lines, but for what it shows; those who read the window are told, and read that. */
async function forgetCopies(dependencies: Dependencies, partition: PartitionRef): Promise<void> {
  const { lake, warehouse } = dependencies;
  const signal = cancellationSignal();
  // Whoever goes by the list of current Parquet must not be led to what is deleted next.
  await listCurrent(dependencies, partition);
  await forgetAttempts(warehouse, partition, (key) => deleteStored(lake, key, signal));
  await deleteCopies(dependencies, partition);
  // Also where an earlier try has made the window anew: it may have come no further.
  const isMade = (await readVisible(warehouse.sql, partition)).length > 0;
  if (isMade) await announce(dependencies, { kind: 'hour', partition });
}

async function audit(
  { warehouse, pipelines }: Dependencies,
  { erasure, partition, lines, isRemade }: Omit<ErasedObject, 'key'> & { readonly isRemade: boolean },
): Promise<void> {
  const { spec } = getPipeline({ pipelines }, partition.pipeline);
  const counts = {
    pipeline: spec.name,
    window: new Date(partition.start).toISOString(),
    lines,
    remade: isRemade ? 1 : 0,
  };
  await auditErasure(warehouse.sql, { erasure, step: 'hour', actor: 'worker', counts });
}
