import { cancellationSignal } from '@temporalio/activity';
import { deleteStored } from '../../lake/delete-stored.ts';
import { listKept } from '../../lake/list-kept.ts';
import { partitionPrefix } from '../../lake/object-keys.ts';
import type { Lake } from '../../lake/open-lake.ts';
import { readStoredKey } from '../../lake/read-partition-folder.ts';
import { parquetPrefix } from '../../model/hive-layout.ts';
import type { PartitionRef } from '../../model/partition.ts';
import { claimFence } from '../../warehouse/claim-fence.ts';
import { lockFence } from '../../warehouse/lock-fence.ts';
import type { Queryable } from '../../warehouse/open-warehouse.ts';
import { reachWarehouse } from '../../warehouse/reach-warehouse.ts';
import { readVisible } from '../../warehouse/read-ledger.ts';
import { transact } from '../../warehouse/transact.ts';
import { getPipeline } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';
import { againWhenOvertaken } from './again-when-overtaken.ts';

/** So many are deleted while the window's fence is held: a second or two. */
const CHUNK = 20;

/**
 * Deletes what a window's attempts left in the lake and the ledger does not name: staged rows, and Parquet of loads that
 * are over or never were. Each is deleted under the window's fence, so that none is what a run is about to publish: a run
 * that is under way is overtaken, and makes its own anew.
 */
export async function deleteCopies(
  { lake, warehouse, pipelines }: Pick<Dependencies, 'lake' | 'warehouse' | 'pipelines'>,
  partition: PartitionRef,
): Promise<void> {
  const { spec } = getPipeline({ pipelines }, partition.pipeline);
  const { window, tables } = spec;
  const folders = [
    partitionPrefix('staged', window, partition),
    ...tables.map(({ asset }) => parquetPrefix(window, asset, partition.start)),
  ];
  const signal = cancellationSignal();
  const list = (sql: Queryable) => listUnnamed({ lake, sql }, partition, folders, signal);
  if ((await list(warehouse.sql)).length === 0) return;
  await againWhenOvertaken(async () => {
    const fence = await claimFence(warehouse, partition);
    const deleteSome = () =>
      reachWarehouse(warehouse, (sql) =>
        transact(sql, async (tx) => {
          await lockFence(tx, partition, fence);
          const keys = await list(tx);
          for (const key of keys) await deleteStored(lake, key, signal);
          return keys.length;
        }),
      );
    while ((await deleteSome()) === CHUNK) signal.throwIfAborted();
  });
}

/** The first few objects of these folders, called by their digest, that the ledger does not name. */
async function listUnnamed(
  { lake, sql }: { readonly lake: Lake; readonly sql: Queryable },
  partition: PartitionRef,
  folders: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const named = new Set((await readVisible(sql, partition)).map(({ objectKey }) => objectKey));
  const keys: string[] = [];
  for (const prefix of folders) {
    for await (const object of listKept(lake, { prefix, signal })) {
      if (!readStoredKey(object) || named.has(object.key)) continue;
      keys.push(object.key);
      if (keys.length === CHUNK) return keys;
    }
  }
  return keys;
}
