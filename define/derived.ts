import type { GenericSchema, InferInput, InferOutput } from 'valibot';
import type { About } from '../model/about.ts';
import type { AssetKey } from '../model/asset-key.ts';
import type { Computation, DerivedSpec } from '../model/derived-spec.ts';
import { readAbout } from './about.ts';
import type { WindowKind } from '../model/window.ts';
import type { DerivedFunction } from '../record/derived-function.ts';
import type { CheckFunctions } from '../record/check-function.ts';
import type { Reading } from './around.ts';
import type { Check } from './check.ts';
import type { CheckedRow } from './checked-columns.ts';
import { derivedCodeVersion, digestFunction } from './code-version.ts';
import type { Scalar } from './column.ts';
import { DefinitionError } from './definition-error.ts';
import { readColumnKey, readColumns } from './derived-columns.ts';
import { readCompute, readFunctionTables, readVersion } from './derived-function.ts';
import type { Compute } from './derived-function.ts';
import { assertAsksForWindow, beginWith, readReads } from './derived-reads.ts';
import { readPromise } from './promise.ts';
import type { PromiseOptions } from './promise.ts';
import { readChecks } from './read-checks.ts';
import { readStatement } from './sql.ts';
import type { Statement } from './sql.ts';
import { nameTable } from './table-handle.ts';
import type { NamedTable, TableHandle } from './table-handle.ts';
import { makeAssetKey, readSchemaName } from './table-name.ts';

const derivedMark = Symbol.for('hourloom.derived');

/** A row's shape: an object of single values. */
export type RowContract = GenericSchema<unknown, Readonly<Record<string, Scalar | null | undefined>>>;

/** Columns that are never null. */
type KeyColumn<Values> = {
  [Name in keyof Values]-?: null extends Values[Name] ? never : undefined extends Values[Name] ? never : Name;
}[keyof Values];

type RowValues<Values> = {
  readonly [Name in keyof Values]-?:
    | NonNullable<Values[Name]>
    | (null extends Values[Name] ? null : undefined extends Values[Name] ? null : never);
};

/** What every derived asset says of itself. */
interface SharedOptions<Contract extends RowContract, Own extends WindowKind | undefined>
  extends About, PromiseOptions {
  /** What time is cut into: `daily()`. It begins with what is read, unless it says so itself. Left out: one whole. */
  readonly window?: Own;
  /** The columns that tell one row of a partition from another. */
  readonly key: readonly [KeyColumn<InferOutput<Contract>>, ...KeyColumn<InferOutput<Contract>>[]];
  /** The columns: names, types and nulls. A statement is held against them by `hourloom check`, a function by each row. */
  readonly row: Contract;
  /** `any` computes from the inputs that are there, `complete` only from all of them. */
  readonly when?: DerivedSpec['when'];
  /** What its new rows are held to, in each partition. */
  readonly checks?: (
    columns: CheckedRow<RowValues<InferOutput<NoInfer<Contract>>>>,
  ) => readonly Check<RowValues<InferOutput<NoInfer<Contract>>>>[];
}

/** Computed by the server. */
interface SqlOptions {
  /** What gives the rows of a partition. */
  readonly sql: Statement;
  readonly compute?: never;
  readonly version?: never;
  /** Tables of the statement of which other windows are read than those that lie in the own: `around(…)`. */
  readonly reads?: readonly Reading[];
}

/** Computed by a function in the worker. */
interface FunctionOptions<Contract extends RowContract, Own extends WindowKind | undefined> {
  readonly sql?: never;
  /** Yields the rows of a partition; those that `row` refuses fail the run, and the rows of before stay. */
  readonly compute: Compute<InferInput<Contract>, Own>;
  /** Raised whenever the function would give other rows: its text is not compared. A whole number from 1 on. */
  readonly version: number;
  /** The tables that it reads; `around(…)` where other windows of one are read than those that lie in the own. */
  readonly reads: readonly (TableHandle | Reading)[];
}

export type DerivedOptions<
  Contract extends RowContract,
  Own extends WindowKind | undefined = WindowKind | undefined,
> = SharedOptions<Contract, Own> & (SqlOptions | FunctionOptions<Contract, Own>);

/** A derived asset; other statements can read it. */
export interface Derived<Contract extends RowContract = RowContract> extends TableHandle {
  readonly [derivedMark]: {
    readonly spec: DerivedSpec;
    readonly function: DerivedFunction | undefined;
    readonly checkFunctions: CheckFunctions;
  };
  /** Only in the types: what a row of it looks like. */
  readonly row?: RowValues<InferOutput<Contract>>;
}

/**
 * Declares a table that is computed from others: `derived('door2door/vehicle_location_update', { … })`. The first part
 * of its key is its SQL schema, the second its table. Which partitions it reads follows from the windows.
 */
export function derived<const Contract extends RowContract, const Own extends WindowKind | undefined = undefined>(
  key: string,
  options: DerivedOptions<Contract, Own>,
): Derived<Contract> {
  const where = `derived '${key}'`;
  const { asset, schema, name } = readKey(where, key);
  const { computation, tables, written } = readComputation(where, options);
  const reads = readReads(where, options.window, tables, written);
  const window = beginWith(options.window, tables);
  const columns = readColumns(where, options.row);
  const columnKey = readColumnKey(where, options.key, columns);
  const { checks, functions: checkFunctions } = readChecks(where, options.checks, {
    columns,
    window,
    madeOf: { kind: 'reads', reads: reads.map((read) => read.asset) },
  });
  const { row } = options;
  const code = { asset, window: options.window, columns, key: columnKey, computation, reads, row, ...checks };
  const spec: DerivedSpec = {
    asset,
    window,
    reads,
    when: options.when ?? 'any',
    computation,
    ...(options.promise === undefined && options.promisedFrom === undefined
      ? {}
      : readPromise(where, options.window, options)),
    table: {
      asset,
      schema,
      name,
      columns,
      key: columnKey,
      splitValue: undefined,
      ...checks,
      ...derivedCodeVersion(where, code),
    },
    ...readAbout(where, options),
  };
  const made = options.compute && { asset, row, compute: readCompute(where, options.compute, reads) };
  return nameTable({ [derivedMark]: { spec, function: made, checkFunctions } }, { asset, schema, name, window });
}

/** What a value in a module of definitions says of its derived asset; undefined where it is none. */
export function findDerived(value: unknown): DerivedSpec | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Partial<Derived>)[derivedMark]?.spec;
}

/** The function of a derived asset; undefined where the value is none, or computed by a statement. */
export function findDerivedFunction(value: unknown): DerivedFunction | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Partial<Derived>)[derivedMark]?.function;
}

/** The functions of its checks; empty where the value is no derived asset, or has none. */
export function findDerivedCheckFunctions(value: unknown): readonly (readonly [AssetKey, CheckFunctions])[] {
  if (typeof value !== 'object' || value === null) return [];
  const parts = (value as Partial<Derived>)[derivedMark];
  return parts ? [[parts.spec.asset, parts.checkFunctions]] : [];
}

interface ReadComputation {
  readonly computation: Computation;
  readonly tables: readonly NamedTable[];
  /** What was written of the windows of these tables. */
  readonly written: readonly Reading[];
}

function readComputation<Contract extends RowContract, Own extends WindowKind | undefined>(
  where: string,
  options: DerivedOptions<Contract, Own>,
): ReadComputation {
  if (options.compute !== undefined) {
    if (options.sql !== undefined) {
      throw new DefinitionError(where, 'has both `sql` and `compute`. Its rows come from one of them: leave one out.');
    }
    const version = readVersion(where, options.version);
    return {
      computation: { kind: 'function', version, functionDigest: digestFunction(options.compute) },
      ...readFunctionTables(where, options.reads),
    };
  }
  const { parts, tables } = readStatement(where, options.sql);
  assertAsksForWindow(where, options.window, parts);
  return { computation: { kind: 'sql', statement: parts }, tables, written: options.reads ?? [] };
}

function readKey(where: string, key: string): Omit<NamedTable, 'window'> {
  const [first, name, ...more] = key.split('/');
  if (first === undefined || name === undefined || more.length > 0) {
    throw new DefinitionError(where, "is no key of a table. Write its schema and its name: 'door2door/daily_update'.");
  }
  const schema = readSchemaName(where, first);
  return { asset: makeAssetKey(where, schema, name), schema, name };
}
