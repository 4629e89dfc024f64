import { createHash } from 'node:crypto';
import { cancellationSignal } from '@temporalio/activity';
import type { Lake } from '../../lake/open-lake.ts';
import { putWhole } from '../../lake/put-whole.ts';
import { currentFolder } from '../../model/hive-layout.ts';
import type { PartitionRef } from '../../model/partition.ts';
import type { TableSpec } from '../../model/pipeline-spec.ts';
import { formatPartition } from '../../model/window.ts';
import type { WindowKind } from '../../model/window.ts';
import { holdLock } from '../../warehouse/hold-lock.ts';
import type { Transaction } from '../../warehouse/open-warehouse.ts';
import { readMade } from '../../warehouse/read-made.ts';
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
  const { spec } = getPipeline({ pipelines }, pipeline);
  const signal = cancellationSignal();
  for (const table of spec.tables.filter(({ parquet }) => parquet === true)) {
    const { key } = currentFolder(spec.window, table.asset, start);
    await holdLock(warehouse, key, async (tx) => {
      const document = await describeCurrent(tx, table, { kind: spec.window, start });
      await putDocument(lake, key, document, signal);
    });
  }
}

async function describeCurrent(
  tx: Transaction,
  { asset }: TableSpec,
  { kind, start }: { readonly kind: WindowKind; readonly start: number },
): Promise<object> {
  const objects: object[] = [];
  for await (const page of readMade(tx, { asset, within: currentFolder(kind, asset, start).within })) {
    for (const { start: at, objectKey, rowCount, loadId, counts } of page) {
      if (objectKey === undefined) continue;
      const partition = formatPartition(kind, at);
      objects.push({ partition, key: objectKey, bytes: counts.bytes, rows: rowCount, load_id: loadId });
    }
  }
  return { asset, objects };
}

async function putDocument(lake: Lake, key: string, document: object, signal: AbortSignal): Promise<void> {
  const bytes = Buffer.from(`${JSON.stringify(document, undefined, 2)}\n`);
  const digest = createHash('sha256').update(bytes).digest('hex');
  await putWhole(lake, { key, size: bytes.length, digest }, bytes, signal);
}
