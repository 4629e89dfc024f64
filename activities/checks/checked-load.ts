import type { AssetKey } from '../../model/asset-key.ts';
import type { CheckSpec } from '../../model/check-spec.ts';
import type { LedgerEntry } from '../../model/ledger-entry.ts';
import type { PartitionRef } from '../../model/partition.ts';
import type { TableSpec } from '../../model/pipeline-spec.ts';
import type { Instant, Window } from '../../model/window.ts';
import type { CheckFunctions } from '../../record/check-function.ts';
import type { Fence } from '../../warehouse/fence.ts';
import { listCheckUnits } from '../../warehouse/run-checks.ts';
import type { CheckBounds, CheckUnit, RowsToCheck } from '../../warehouse/run-checks.ts';

/** One load of a partition, with all that its tables' checks go by. */
export interface CheckedLoad {
  readonly partition: PartitionRef;
  readonly loadId: Fence;
  readonly window: Window | undefined;
  readonly tables: readonly TableSpec[];
  readonly functions: ReadonlyMap<AssetKey, CheckFunctions>;
  readonly now: Instant;
  readonly bounds: CheckBounds;
}

/** One table's checks that are asked together. */
export interface AskedUnit {
  readonly rows: RowsToCheck;
  readonly unit: CheckUnit;
}

/** The checks of a load that are asked at this moment, each with the rows that it is about. */
export function listAsked(
  { tables, loadId, window, now, functions }: CheckedLoad,
  ledger: readonly LedgerEntry[],
  isAsked: (check: CheckSpec) => boolean,
): readonly AskedUnit[] {
  return tables.flatMap((table) => {
    const entry = ledger.find(({ asset }) => asset === table.asset);
    const units = listCheckUnits((table.checks ?? []).filter(isAsked));
    if (units.length === 0) return [];
    if (!entry)
      throw new RangeError(`The ledger says nothing of ${table.asset}, which is checked. Please report this as a bug.`);
    const rows = { table, loadId, window, entry, now, functions: functions.get(table.asset) ?? {} };
    return units.map((unit) => ({ rows, unit }));
  });
}
