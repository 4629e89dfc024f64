import type { AssetKey, PipelineName } from '../model/asset-key.ts';
import type { WindowSpec } from '../model/window.ts';

const handleMark = Symbol.for('hourloom.handle');

/** Where a table stands, and what its rows' time is cut into; undefined where it is one whole. */
export interface NamedTable {
  readonly asset: AssetKey;
  readonly schema: PipelineName;
  readonly name: string;
  readonly window: WindowSpec | undefined;
}

/** A table that has its name, so that a statement can read it: `door2door.vehicle_location`, or a derived asset. */
export interface TableHandle {
  readonly [handleMark]: NamedTable;
}

/** A copy of a table that knows its name; the table itself may have other names elsewhere. */
export function nameTable<OfTable extends object>(
  table: OfTable | undefined,
  named: NamedTable,
): OfTable & TableHandle {
  return { ...(table as OfTable), [handleMark]: named };
}

/** What a value in a statement says of the table that it stands for; undefined where it is none. */
export function findNamedTable(value: unknown): NamedTable | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Partial<TableHandle>)[handleMark];
}
