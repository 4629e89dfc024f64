import type { GenericSchema, InferOutput } from 'valibot';
import type { ColumnSpec, FieldPath } from '../model/column.ts';
import type { ParentSpec } from '../model/pipeline-spec.ts';
import type { Check } from './check.ts';
import type { CheckedColumns } from './checked-columns.ts';
import { assertColumnName } from './column-name.ts';
import { findColumn, itemLine, line } from './column.ts';
import type { Column, ItemLine, Line, Scalar } from './column.ts';
import { DefinitionError } from './definition-error.ts';
import { findPlace, walkContract, walkElement, walkPart } from './fields.ts';
import type { Fields, ListOf, ObjectOf, Places } from './fields.ts';
import type { WrittenChecks } from './read-checks.ts';

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
  readonly [tableMark]: TableParts<Contract>;
  /** Only in the types: what a row of it looks like. */
  readonly row?: ColumnValues<TableColumns>;
}

/** A table with a row for each record, of whose parts other tables can be made. */
export interface RecordTable<Contract extends GenericSchema, TableColumns extends Columns> extends Table<
  Contract,
  TableColumns
> {
  /**
   * A table with a row for each element of a list of the record:
   *
   *     transactions.each((sale) => sale.purchases.products, (item, sale, line) => ({
   *       transaction_id: key(sale.transaction_id), line: key(line.index), sku: item.sku }))
   *
   * The rows of a record are written together with its own or not at all.
   */
  each<Element, const ItemColumns extends Columns>(
    pick: (record: Places<InferOutput<Contract>>) => ListOf<Element>,
    columns: (item: Fields<Element>, record: Fields<InferOutput<Contract>>, line: ItemLine) => ItemColumns,
    options?: TableOptions<NoInfer<ItemColumns>>,
  ): Table<Contract, ItemColumns>;
  /**
   * A table with a row for each record that has an object:
   *
   *     transactions.part((sale) => sale.delivery_address, (address, sale) => ({
   *       transaction_id: key(sale.transaction_id), ...address }))
   */
  part<Value, const PartColumns extends Columns>(
    pick: (record: Places<InferOutput<Contract>>) => ObjectOf<Value>,
    columns: (part: Fields<Value>, record: Fields<InferOutput<Contract>>, line: Line) => PartColumns,
    options?: TableOptions<NoInfer<PartColumns>>,
  ): Table<Contract, PartColumns>;
}

interface TableParts<Contract extends GenericSchema> {
  readonly contract: Contract;
  readonly read: (where: string) => { readonly columns: Columns; readonly path?: FieldPath };
  readonly checks: WrittenChecks | undefined;
  readonly asks: 'erasure' | undefined;
  /** Of a child table: the parts of the one that its records are for. */
  readonly parent?: { readonly kind: ParentSpec['kind']; readonly parts: TableParts<Contract> };
}

export interface TableColumn extends Omit<ColumnSpec, 'references' | 'hidden'> {
  readonly isKey: boolean;
  readonly overAllHours?: true;
  /** The table that it refers to, as `tableIdentity` knows it. */
  readonly target?: object;
}

/** What a table may say besides its contract and columns. */
export interface TableOptions<TableColumns extends Columns = Columns> {
  /** What its new rows are held to, in each partition. */
  readonly checks?: (
    columns: OnceNamed<TableColumns, CheckedColumns<TableColumns>>,
  ) => readonly Check<OnceNamed<TableColumns, ColumnValues<TableColumns>>>[];
}

/** What a table with a row for each record may say besides. */
export interface RecordTableOptions<TableColumns extends Columns = Columns> extends TableOptions<TableColumns> {
  /**
   * `'erasure'`: each record asks for a person to be erased, by the ids in its `person()` columns and the e-mails in its
   * `direct()` ones. One that names nobody is held back.
   */
  readonly asks?: 'erasure';
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
  { checks, asks }: RecordTableOptions<NoInfer<TableColumns>> = {},
): RecordTable<Contract, TableColumns> {
  const fill = columns as (record: unknown, line: Line) => Columns;
  const parts: TableParts<Contract> = {
    contract,
    read: (where) => ({ columns: fill(walkContract(where, contract), line) }),
    checks,
    asks,
  };
  return {
    [tableMark]: parts,
    each: (pick, columns, { checks } = {}) =>
      makeChild(parts, 'each', { pick: pick as Picking, fill: columns as Filling, checks }),
    part: (pick, columns, { checks } = {}) =>
      makeChild(parts, 'part', { pick: pick as Picking, fill: columns as Filling, checks }),
  };
}

type Picking = (record: unknown) => unknown;
type Filling = (item: unknown, record: unknown, line: ItemLine) => Columns;

interface Child {
  readonly pick: Picking;
  readonly fill: Filling;
  readonly checks: WrittenChecks | undefined;
}

function makeChild<Contract extends GenericSchema>(
  parent: TableParts<Contract>,
  kind: ParentSpec['kind'],
  { pick, fill, checks }: Child,
): Table<Contract, never> {
  const { contract } = parent;
  const read = (where: string) => {
    const record = walkContract(where, contract);
    const place = findPlace(pick(record));
    if (kind === 'each') {
      if (place?.kind !== 'list') throw new DefinitionError(where, 'each() picks no list of the record. Name one.');
      return { columns: fill(walkElement(where, place), record, itemLine), path: place.path };
    }
    if (place?.kind !== 'object' || place.path.length === 0) {
      throw new DefinitionError(where, 'part() picks no object of the record. Name one.');
    }
    return { columns: fill(walkPart(where, place), record, itemLine), path: place.path };
  };
  return { [tableMark]: { contract, read, checks, asks: undefined, parent: { kind, parts: parent } } };
}

/** What a table says of itself. `where` is said in errors. */
export interface ReadTable {
  readonly contract: GenericSchema;
  /** In the order they were written. */
  readonly columns: readonly TableColumn[];
  readonly checks: WrittenChecks | undefined;
  readonly asks: 'erasure' | undefined;
  /** Of a child table: which part of a record its rows are made of, and how to know the table of that record. */
  readonly parent?: { readonly kind: ParentSpec['kind']; readonly path: FieldPath; readonly identity: object };
}

/** Reads a table once: its contract, its columns and, of a child table, what it is made of. */
export function readTable(where: string, table: Table): ReadTable {
  const parts = (table as Partial<Table> | null | undefined)?.[tableMark];
  if (!parts) throw new DefinitionError(where, 'is no table. Make it with table(contract, columns).');
  const { contract, checks, asks, parent } = parts;
  const { columns: written, path = [] } = parts.read(where);
  const columns = readColumns(where, written);
  return {
    contract,
    columns,
    checks,
    asks,
    ...(parent ? { parent: { kind: parent.kind, path, identity: parent.parts } } : {}),
  };
}

/** The same for each copy of a table, whatever its name. */
export function tableIdentity(table: Table): object | undefined {
  return (table as Partial<Table> | null | undefined)?.[tableMark];
}

function readColumns(where: string, written: Columns): readonly TableColumn[] {
  const columns = Object.entries(written).map(([name, column]) => {
    assertColumnName(where, name);
    const parts = findColumn(column);
    if (!parts) {
      throw new DefinitionError(where, `column "${name}" is no single value of the record. Name one of its fields.`);
    }
    const { type, nullable, value, isKey, overAllHours, target, pii } = parts;
    return {
      name,
      type,
      nullable,
      value,
      isKey,
      ...(overAllHours && { overAllHours }),
      ...(target && { target }),
      ...(pii && { pii }),
    };
  });
  if (!columns.some((column) => column.isKey)) {
    throw new DefinitionError(where, 'has no key. Wrap the column that tells its rows apart in key(…).');
  }
  return columns;
}
