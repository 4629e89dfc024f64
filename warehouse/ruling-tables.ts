import type { AssetKey } from '../model/asset-key.ts';
import type { PartitionRef } from '../model/partition.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import { rowsTable } from '../model/rule-set.ts';
import type { SetReference, SetTable } from '../model/rule-set.ts';
import { columnTypeFacts } from '../record/column-type.ts';
import { quoteIdentifier } from '../record/identifier.ts';
import type { Fence } from './fence.ts';
import type { Materialization } from './read-ledger.ts';

/** A table of the set, and what a change does to it. */
export interface ChangedTable extends SetTable {
  /** It, or a child of it, gets rows. */
  readonly arrives: boolean;
  /** The loads whose rows go, of it or of a child. */
  readonly gone: readonly Fence[];
  /** Those of its references whose targets may be other ones after the change. */
  readonly shaken: readonly SetReference[];
}

/** Rows of a set that come, go or are replaced in one transaction. */
export interface SetChange {
  readonly partition: PartitionRef;
  /** The load id of the rows that come, if any do; the number of the ruling. */
  readonly fence: Fence;
  /** All tables of the pipeline. Where none of them has rules over a set, there is nothing to judge. */
  readonly tables: readonly TableSpec[];
  /** The tables that get rows. */
  readonly arrived: readonly AssetKey[];
  /** The makings of the partition whose rows go. */
  readonly replaced: readonly Materialization[];
}

/**
 * Where a ruling keeps what it found. Each session has its own, empty at the beginning of a transaction. They are never
 * analyzed, so no statement may need to know their size: rows are found by indexes, membership by hashing.
 *
 * `touched` are ids whose rows are judged, and whether one of them was kept before; once their table is judged, only
 * those stay for which that changed. Where nothing refers to a table, an id that goes and comes again need not be there. `candidate` are the rows to judge in other loads than the arriving one.
 */
export const PREPARE = [
  'set local jit = off',
  'set local enable_seqscan = off',
  'create temp table if not exists hourloom_touched (asset text, id text, kept boolean not null, primary key (asset, id)) on commit delete rows',
  'create temp table if not exists hourloom_candidate (asset text, load_id bigint, id text, primary key (asset, load_id, id)) on commit delete rows',
  'create temp table if not exists hourloom_verdict (asset text, load_id bigint, id text, source_key text, line bigint, reason text, detail text, missing integer, primary key (asset, load_id, id)) on commit delete rows',
  'create temp table if not exists hourloom_changed_load (asset text, load_id bigint) on commit delete rows',
];

export const TOUCHED = 'pg_temp.hourloom_touched';
export const CANDIDATE = 'pg_temp.hourloom_candidate';
export const VERDICT = 'pg_temp.hourloom_verdict';
export const CHANGED_LOAD = 'pg_temp.hourloom_changed_load';

/**
 * The end of a subquery that is asked once for each row: by the index then, whatever the planner thinks of the number of
 * rows. Without it a load is joined with all rows that there are.
 */
export const PROBED = 'offset 0';

/** Membership within a function, so that what is looked up is hashed whatever the planner thinks of the number of rows. */
export function isAmong(value: string, values: string): string {
  return `coalesce(${value} in (${values}), false)`;
}

/** The asset of a table, as a text of SQL. */
export function assetOf({ asset }: TableSpec): string {
  return textOf(asset);
}

/** The SQL table of all rows. */
export function rowsOf(table: TableSpec): string {
  return `${quoteIdentifier(table.schema)}.${quoteIdentifier(rowsTable(table))}`;
}

/** The column of a table that holds the ids of its records. */
export function idOf({ asset, set }: TableSpec): string {
  if (!set) throw new Error(`${asset} has no ids over all hours.`);
  return quoteIdentifier(set.id);
}

/** An id as it is kept in texts, as the type that a table's column of ids has: so that its index is used. */
export function castId(text: string, { columns, set }: TableSpec): string {
  const column = columns.find(({ name }) => name === set?.id);
  if (!column) throw new Error('A table has the column of its ids.');
  return `${text}::${columnTypeFacts(column.type).ddl}`;
}

/** An id as it stands in `hourloom.reference` and `ruling.missing`: two of one hash are judged once too often, no more. */
export function hashOf(id: string): string {
  return `hashtext(${id}::text)`;
}

/** A text as a constant of SQL. */
export function textOf(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A load id as a constant of SQL. */
export function numberOf(fence: Fence): string {
  const number = String(fence);
  if (!/^\d+$/u.test(number)) throw new RangeError(`${number} is no load id.`);
  return number;
}
