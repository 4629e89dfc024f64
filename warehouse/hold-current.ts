import type { AssetKey } from '../model/asset-key.ts';
import { currentFolder } from '../model/hive-layout.ts';
import type { Instant, WindowKind } from '../model/window.ts';
import { describeCurrent } from './describe-current.ts';
import { holdLock } from './hold-lock.ts';
import type { Warehouse } from './open-warehouse.ts';

/** A partition of a table, on whose day the list of current Parquet may be out of date. */
export interface UnlistedPartition {
  readonly asset: AssetKey;
  readonly kind: WindowKind;
  readonly start: Instant;
}

/**
 * Has the list of a day's current Parquet put for readers outside. The ledger is the truth; this is a copy of what it says
 * at that moment, and safe to repeat. Under a lock, because two windows of a day may be published together, and the copy
 * that was read first must not be the one that stays.
 */
export function holdCurrent(
  warehouse: Warehouse,
  { asset, kind, start }: UnlistedPartition,
  put: (key: string, document: Buffer) => Promise<void>,
): Promise<void> {
  const { key, within } = currentFolder(kind, asset, start);
  return holdLock(warehouse, key, async (tx) =>
    put(key, Buffer.from(await describeCurrent(tx, { asset, kind, within }))),
  );
}
