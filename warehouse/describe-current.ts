import type { AssetKey } from '../model/asset-key.ts';
import { formatPartition } from '../model/window.ts';
import type { Window, WindowKind } from '../model/window.ts';
import type { Queryable } from './open-warehouse.ts';
import { readMade } from './read-made.ts';

/** The Parquet of which table, and of which time. */
export interface CurrentQuestion {
  readonly asset: AssetKey;
  readonly kind: WindowKind;
  readonly within: Window;
}

/** Says for readers of the lake which Parquet is current, as the ledger has it at this moment: a document of JSON. */
export async function describeCurrent(sql: Queryable, { asset, kind, within }: CurrentQuestion): Promise<string> {
  const objects: object[] = [];
  for await (const page of readMade(sql, { asset, within })) {
    for (const { start, objectKey, rowCount, loadId, counts } of page) {
      if (objectKey === undefined) continue;
      const partition = formatPartition(kind, start);
      objects.push({ partition, key: objectKey, bytes: counts.bytes, rows: rowCount, load_id: loadId });
    }
  }
  return `${JSON.stringify({ asset, objects }, undefined, 2)}\n`;
}
