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
  const [{ putObject }, { holdCurrent }] = await Promise.all([
    import('../lake/put-object.ts'),
    import('../warehouse/hold-current.ts'),
  ]);
  const days = new Map(starts.map((start) => [currentFolder(kind, asset, start).key, start]));
  for (const start of days.values()) {
    await holdCurrent(warehouse, { asset, kind, start }, async (key, body) => {
      await putObject(lake, { bucket: lake.bucket, key, body });
    });
  }
}
