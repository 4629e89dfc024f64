import { createHash } from 'node:crypto';
import { cancellationSignal } from '@temporalio/activity';
import type { Lake } from '../../lake/open-lake.ts';
import { putWhole } from '../../lake/put-whole.ts';
import { currentFolder } from '../../model/hive-layout.ts';
import type { PartitionRef } from '../../model/partition.ts';
import { describeCurrent } from '../../warehouse/describe-current.ts';
import { holdLock } from '../../warehouse/hold-lock.ts';
import { getPipeline } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';

/**
 * Writes for readers outside which Parquet is current on the day of a window, one small object for each table. The ledger
 * is the truth; this is a copy of what it says at that moment, and safe to repeat. Under a lock, because two windows of
 * a day may be published together, and the copy that was read first must not be the one that stays.
 */
export async function listCurrent(
  { lake, warehouse, pipelines }: Pick<Dependencies, 'lake' | 'warehouse' | 'pipelines'>,
  { pipeline, start }: PartitionRef,
): Promise<void> {
  const { window: kind, tables } = getPipeline({ pipelines }, pipeline).spec;
  const signal = cancellationSignal();
  for (const { asset } of tables.filter(({ parquet }) => parquet === true)) {
    const { key, within } = currentFolder(kind, asset, start);
    await holdLock(warehouse, key, async (tx) => {
      await putDocument(lake, key, await describeCurrent(tx, { asset, kind, within }), signal);
    });
  }
}

async function putDocument(lake: Lake, key: string, document: string, signal: AbortSignal): Promise<void> {
  const bytes = Buffer.from(document);
  const digest = createHash('sha256').update(bytes).digest('hex');
  await putWhole(lake, { key, size: bytes.length, digest }, bytes, signal);
}
