import type { Lake } from '../lake/open-lake.ts';
import { currentFolder } from '../model/hive-layout.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import type { Instant, WindowKind } from '../model/window.ts';
import type { Warehouse } from '../warehouse/open-warehouse.ts';

/** Partitions of a table whose days have a list that may be out of date. */
export interface UnlistedPartitions {
  readonly table: Pick<TableSpec, 'asset'>;
  readonly kind: WindowKind;
  readonly starts: readonly Instant[];
}

/** Writes for readers of the lake which Parquet of these days is current, as the worker does after each publish. */
export async function listCurrent(
  { lake, warehouse }: { readonly lake: Lake; readonly warehouse: Warehouse },
  { table: { asset }, kind, starts }: UnlistedPartitions,
): Promise<void> {
  const [{ putObject }, { describeCurrent }, { holdLock }] = await Promise.all([
    import('../lake/put-object.ts'),
    import('../warehouse/describe-current.ts'),
    import('../warehouse/hold-lock.ts'),
  ]);
  const folders = new Map(starts.map((start) => currentFolder(kind, asset, start)).map((each) => [each.key, each]));
  for (const { key, within } of folders.values()) {
    await holdLock(warehouse, key, async (tx) => {
      const body = Buffer.from(await describeCurrent(tx, { asset, kind, within }));
      await putObject(lake, { bucket: lake.bucket, key, body });
    });
  }
}
