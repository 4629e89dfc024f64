import type { PartitionRef } from '../model/partition.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import { isShown, rowsTable } from '../model/rule-set.ts';
import { createTableStatements } from '../record/ddl.ts';
import { deriveIdentifier, quoteIdentifier } from '../record/identifier.ts';
import type { PipelineName } from '../model/asset-key.ts';
import { copyInto } from './copy-into.ts';
import type { Transaction, Warehouse } from './open-warehouse.ts';
import { reachWarehouse } from './reach-warehouse.ts';
import { catalogueName, readColumns } from './read-columns.ts';
import type { Column } from './read-columns.ts';
import { transact } from './transact.ts';

/** A table's rows of one partition, as they would be published. */
export interface ScratchTable {
  readonly table: TableSpec;
  readonly chunks: readonly Buffer[];
}

/** A row before and after; null where it was or will not be there. */
export interface RowChange {
  readonly before: object | null;
  readonly after: object | null;
}

/** How a table's rows differ from those that are published. */
export interface TableDifference {
  readonly table: string;
  /** Columns that only the definition has, or has with another type. */
  readonly newColumns: readonly string[];
  /** Columns that only the published table has. */
  readonly lostColumns: readonly string[];
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly same: number;
  /** The first of what was added, removed and changed, by key. */
  readonly examples: readonly RowChange[];
}

export interface ScratchDifference {
  readonly tables: readonly TableDifference[];
  /** How many published lines and files each reason holds back. */
  readonly heldBefore: Readonly<Record<string, number>>;
}

const SCHEMA_SUFFIX = '_dev';
const STATEMENT_TIMEOUT_MS = 60_000;
const EXAMPLES = 3;

/**
 * Loads rows into a schema of their own and compares them, by key, with what is published of the partition. All of it is
 * one transaction that is rolled back: nobody sees it, and nothing is left, however the program ends.
 */
export async function compareScratch(
  warehouse: Warehouse,
  partition: PartitionRef,
  tables: readonly ScratchTable[],
): Promise<ScratchDifference> {
  return reachWarehouse(warehouse, (sql) =>
    transact(sql, async (tx) => {
      await tx`select set_config('statement_timeout', ${String(STATEMENT_TIMEOUT_MS)}, true)`;
      await tx`select set_config('hourloom.load_id', '1', true)`;
      await tx`savepoint before_scratch`;
      const differences: TableDifference[] = [];
      for (const each of tables) differences.push(await compareTable(tx, partition, each));
      const heldBefore = await countHeld(tx, partition);
      await tx`rollback to savepoint before_scratch`;
      return { tables: differences, heldBefore };
    }),
  );
}

async function compareTable(
  tx: Transaction,
  partition: PartitionRef,
  { table, chunks }: ScratchTable,
): Promise<TableDifference> {
  const schema = deriveIdentifier(table.schema, SCHEMA_SUFFIX) as PipelineName;
  for (const statement of createTableStatements({ ...table, schema })) await tx.unsafe(statement);
  const columns = table.columns.map(({ name }) => name);
  await copyInto(tx, { schema, table: rowsTable(table), columns }, each(chunks));

  const published = await readColumns(tx, table);
  const shown = table.columns.filter(isShown);
  const common = shown.filter(({ name, type }) =>
    published.some((column) => column.name === name && column.type === catalogueName(type)),
  );
  const shared = new Set(common.map(({ name }) => name));
  const isKeyShared = table.key.every((name) => shared.has(name));
  const join = joinOf(table, schema, isKeyShared ? [...shared] : [], await readVisibleLoads(tx, partition, table));
  const [counts] = await tx.unsafe<[Pick<TableDifference, 'added' | 'removed' | 'changed' | 'same'>]>(
    `select
      count(*) filter (where ${join.added}) as added,
      count(*) filter (where ${join.removed}) as removed,
      count(*) filter (where ${join.changed}) as changed,
      count(*) filter (where ${join.same}) as same
    from ${join.from}`,
  );
  const examples: RowChange[] = [];
  for (const kind of [join.added, join.removed, join.changed]) examples.push(...(await readExamples(tx, join, kind)));
  return {
    table: table.name,
    newColumns: shown.map(({ name }) => name).filter((name) => !shared.has(name)),
    lostColumns: published
      .map(({ name }: Column) => name)
      .filter((name) => name !== 'load_id' && !columns.includes(name)),
    ...counts,
    examples,
  };
}

interface Join {
  readonly from: string;
  readonly order: string;
  readonly added: string;
  readonly removed: string;
  readonly changed: string;
  readonly same: string;
}

/** New and published rows side by side, by key. Without shared columns none of the published rows is the same as a new one. */
function joinOf(table: TableSpec, schema: string, shared: readonly string[], loads: readonly number[]): Join {
  const columns = shared.map((name) => `, ${quoteIdentifier(name)}`).join('');
  const own = table.columns
    .filter(isShown)
    .map(({ name }) => `, ${quoteIdentifier(name)}`)
    .join('');
  const published = `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`;
  const old =
    shared.length === 0 || loads.length === 0
      ? `select true as "there "${own} from ${quoteIdentifier(schema)}.${quoteIdentifier(rowsTable(table))} where false`
      : `select true as "there "${columns} from ${published} where load_id in (${loads.join(', ')})`;
  const keys = table.key.map(quoteIdentifier);
  const values = shared.filter((name) => !table.key.includes(name)).map(quoteIdentifier);
  const both = 'old."there " and new."there "';
  const rowOf = (side: string): string => `row(${values.map((name) => `${side}.${name}`).join(', ')})`;
  const differs = values.length === 0 ? 'false' : `${rowOf('old')} is distinct from ${rowOf('new')}`;
  return {
    from: `(select true as "there "${own} from ${quoteIdentifier(schema)}.${quoteIdentifier(rowsTable(table))}) as new
      full join (${old}) as old on ${keys.map((key) => `old.${key} = new.${key}`).join(' and ')}`,
    order: keys.map((key) => `coalesce(new.${key}, old.${key})`).join(', '),
    added: 'old."there " is null',
    removed: 'new."there " is null',
    changed: `${both} and ${differs}`,
    same: `${both} and not (${differs})`,
  };
}

async function readExamples(tx: Transaction, { from, order }: Join, condition: string): Promise<readonly RowChange[]> {
  return tx.unsafe<RowChange[]>(
    `select
      case when old."there " then to_jsonb(old) - 'there ' end as before,
      case when new."there " then to_jsonb(new) - 'there ' end as after
    from ${from}
    where ${condition}
    order by ${order}
    limit ${EXAMPLES}`,
  );
}

async function readVisibleLoads(
  tx: Transaction,
  { start }: PartitionRef,
  { asset }: TableSpec,
): Promise<readonly number[]> {
  const rows = await tx<{ load_id: number }[]>`
    select load_id
    from hourloom.materialization
    where asset = ${asset}
      and partition = ${new Date(start)}
      and visible
  `;
  return rows.map(({ load_id }) => load_id);
}

async function countHeld(
  tx: Transaction,
  { pipeline, start }: PartitionRef,
): Promise<Readonly<Record<string, number>>> {
  const rows = await tx<{ reason: string; count: number }[]>`
    select reason, count(*) as count
    from hourloom.quarantine
    where load_id in (
      select load_id
      from hourloom.materialization
      where pipeline = ${pipeline}
        and partition = ${new Date(start)}
        and visible
    )
    group by reason
    order by reason
  `;
  return Object.fromEntries(rows.map(({ reason, count }) => [reason, count]));
}

async function* each(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}
