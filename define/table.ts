import type { GenericSchema, InferOutput } from 'valibot';
import type { ColumnSpec } from '../model/column.ts';
import type { Check } from './check.ts';
import type { CheckedColumns } from './checked-columns.ts';
import { assertColumnName } from './column-name.ts';
import { findColumn, line } from './column.ts';
import type { Column, Line, Scalar } from './column.ts';
import { DefinitionError } from './definition-error.ts';
import { walkContract } from './fields.ts';
import type { WrittenChecks } from './read-checks.ts';
import type { Fields } from './fields.ts';

const tableMark = Symbol.for('hourloom.table');

/** The columns that a table's function gives: an object of fields is none, and so a type error here. */
export type Columns = Readonly<Record<string, Column>>;

/** A row of a table as TypeScript sees it: `Row<typeof door2door.vehicle_location>`. */
export type Row<OfTable extends { readonly row?: unknown }> = NonNullable<OfTable['row']>;

type ColumnValues<TableColumns extends Columns> = {
  readonly [Name in keyof TableColumns]: TableColumns[Name] extends Column<infer Value extends Scalar, infer Nullable>
    ? Value | (Nullable extends true ? null : never)
    : never;
};

/** A table of a pipeline, before the pipeline gives it a name. */
export interface Table<Contract extends GenericSchema = GenericSchema, TableColumns extends Columns = Columns> {
  readonly [tableMark]: {
    readonly contract: Contract;
    readonly columns: (where: string) => readonly TableColumn[];
    readonly checks: WrittenChecks | undefined;
  };
  /** Only in the types: what a row of it looks like. */
  readonly row?: ColumnValues<TableColumns>;
}

export interface TableColumn extends ColumnSpec {
  readonly isKey: boolean;
}

/** What a table may say besides its contract and columns. */
export interface TableOptions<TableColumns extends Columns = Columns> {
  /** What its new rows are held to, in each partition. */
  readonly checks?: (
    columns: OnceNamed<TableColumns, CheckedColumns<TableColumns>>,
  ) => readonly Check<OnceNamed<TableColumns, ColumnValues<TableColumns>>>[];
}

/** The compiler looks at a function that is written elsewhere before it knows the columns: then anything goes. */
type OnceNamed<TableColumns, Known> = string extends keyof TableColumns ? never : Known;

/**
 * A table filled from records that keep a contract. The function says each column once: its name, and where its value
 * comes from; types, nulls and lineage follow from the contract.
 *
 *     table(Event, ({ id, at, data }, line) => ({ id: key(hashedUuid(id, at)), at, lat: data.lat, file: line.sourceKey }))
 */
export function table<const Contract extends GenericSchema, const TableColumns extends Columns>(
  contract: Contract,
  columns: (record: Fields<InferOutput<Contract>>, line: Line) => TableColumns,
  { checks }: TableOptions<NoInfer<TableColumns>> = {},
): Table<Contract, TableColumns> {
  const fill = columns as (record: unknown, line: Line) => Columns;
  return {
    [tableMark]: {
      contract,
      columns: (where) => readColumns(where, fill(walkContract(where, contract), line)),
      checks,
    },
  };
}

/** The contract of a table, its columns in the order they were written, and its checks. `where` is said in errors. */
export function readTable(
  where: string,
  table: Table,
): { contract: GenericSchema; columns: readonly TableColumn[]; checks: WrittenChecks | undefined } {
  const parts = (table as Partial<Table> | null | undefined)?.[tableMark];
  if (!parts) throw new DefinitionError(where, 'is no table. Make it with table(contract, columns).');
  return { contract: parts.contract, columns: parts.columns(where), checks: parts.checks };
}

function readColumns(where: string, written: Columns): readonly TableColumn[] {
  const columns = Object.entries(written).map(([name, column]) => {
    assertColumnName(where, name);
    const parts = findColumn(column);
    if (!parts) {
      throw new DefinitionError(where, `column "${name}" is no single value of the record. Name one of its fields.`);
    }
    return { name, type: parts.type, nullable: parts.nullable, value: parts.value, isKey: parts.isKey };
  });
  if (!columns.some((column) => column.isKey)) {
    throw new DefinitionError(where, 'has no key. Wrap the column that tells its rows apart in key(…).');
  }
  return columns;
}
