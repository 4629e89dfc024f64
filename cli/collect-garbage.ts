import type { Lake } from '../lake/open-lake.ts';
import { parquetRoot } from '../model/hive-layout.ts';
import type { PartitionRef } from '../model/partition.ts';
import type { PipelineSpec, TableSpec } from '../model/pipeline-spec.ts';
import type { Instant } from '../model/window.ts';
import type { Warehouse } from '../warehouse/open-warehouse.ts';
import { listCurrent } from './list-current.ts';

/** What nothing names any more, below one folder of the lake. */
export interface Garbage {
  readonly prefix: string;
  readonly objects: number;
  readonly bytes: number;
  /** Begun in parts and never ended. Their parts take room and are no objects. */
  readonly uploads: number;
}

export interface CollectOptions {
  readonly lake: Lake;
  readonly warehouse: Warehouse;
  /** What is younger stays, named or not: it may be on its way to the ledger. */
  readonly before: Instant;
  /** Windows whose runs are open now. Asked for again before each deletion. */
  readonly openWindows: () => Promise<readonly PartitionRef[]>;
  /** Without it nothing is deleted. */
  readonly isToDelete: boolean;
}

/**
 * Goes through what a pipeline's attempts leave in the lake (merged, staged and Parquet objects), page by page, and gives
 * or deletes what is old, is not named by the ledger, and belongs to no window that is being made. Manifests and logs
 * stay: they are what is known of an attempt when its objects are gone.
 *
 * The ledger is asked after a page was listed and before it goes, and whoever needs an object puts it again before naming
 * it: so what becomes needed meanwhile is young, or its window is in hand.
 */
export async function* collectGarbage(
  { name, tables, window }: PipelineSpec,
  { lake, warehouse, before, openWindows, isToDelete }: CollectOptions,
): AsyncGenerator<Garbage, void, undefined> {
  const [{ giveUpOldUploads }, { listOldObjects }, { deleteObjects }, { readKeptObjects }] = await Promise.all([
    import('../lake/give-up-old-uploads.ts'),
    import('../lake/list-old-objects.ts'),
    import('../lake/delete-objects.ts'),
    import('../warehouse/read-kept-objects.ts'),
  ]);
  const folders: readonly { readonly prefix: string; readonly table?: TableSpec }[] = [
    { prefix: `raw/${name}/` },
    { prefix: `staged/${name}/` },
    ...tables.map((table) => ({ prefix: parquetRoot(table.asset), table })),
  ];
  for (const { prefix, table } of folders) {
    let objects = 0;
    let bytes = 0;
    for await (const page of listOldObjects(lake, { prefix, before })) {
      const starts = page.map(({ start }) => start);
      const open = new Set((await openWindows()).filter(({ pipeline }) => pipeline === name).map(({ start }) => start));
      const { keys, begun } = await readKeptObjects(warehouse.sql, {
        pipeline: name,
        first: Math.min(...starts),
        last: Math.max(...starts),
        begunAfter: before,
      });
      const garbage = page.filter(({ key, start }) => !keys.has(key) && !begun.has(start) && !open.has(start));
      if (isToDelete) {
        // Whoever could not write a day's list when it changed may have left one that names what goes now.
        const unlisted = garbage.map(({ start }) => start);
        if (table) await listCurrent({ lake, warehouse }, { table, kind: window, starts: unlisted });
        await deleteObjects(
          lake,
          garbage.map(({ key }) => key),
        );
      }
      objects += garbage.length;
      bytes += garbage.reduce((sum, { size }) => sum + size, 0);
    }
    yield { prefix, objects, bytes, uploads: await giveUpOldUploads(lake, { prefix, before, isToDelete }) };
  }
}
