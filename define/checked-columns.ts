import type { ColumnSpec } from '../model/column.ts';
import type { Column, Scalar } from './column.ts';
import { DefinitionError } from './definition-error.ts';

declare const holds: unique symbol;

const checkedMark = Symbol.for('hourloom.checked');

/** A column of the table that a check is declared for. */
export interface CheckedColumn<Value extends Scalar = Scalar, Nullable extends boolean = boolean> {
  readonly [checkedMark]: ColumnSpec;
  /** Only in the types. */
  readonly [holds]?: { readonly value: Value; readonly nullable: Nullable };
}

/** The columns of a pipeline's table, for its checks. */
export type CheckedColumns<TableColumns> = {
  readonly [Name in keyof TableColumns]: TableColumns[Name] extends Column<infer Value, infer Nullable>
    ? CheckedColumn<Value, Nullable>
    : never;
};

/** The columns of a table whose rows are these, for its checks. */
export type CheckedRow<Row> = {
  readonly [Name in keyof Row]: CheckedColumn<
    Extract<NonNullable<Row[Name]>, Scalar>,
    null extends Row[Name] ? true : false
  >;
};

/** What a function of checks sees in place of a table's columns. A name that the table lacks throws. */
export function makeCheckedColumns(where: string, columns: readonly ColumnSpec[]): object {
  const named = Object.fromEntries(columns.map((column) => [column.name, { [checkedMark]: column }]));
  return new Proxy(named, {
    get(target, name) {
      if (typeof name === 'symbol' || Object.hasOwn(target, name)) return Reflect.get(target, name);
      throw new DefinitionError(
        where,
        `there is no column "${name}" to check. There is: ${Object.keys(target).join(', ')}.`,
      );
    },
  });
}

/** The column that a check was given. `check` is said in errors. */
export function readCheckedColumn(check: string, column: CheckedColumn): ColumnSpec {
  const spec = (column as Partial<CheckedColumn> | null | undefined)?.[checkedMark];
  if (spec) return spec;
  throw new DefinitionError(check, 'takes a column of the table: checks: ({ km }) => [nullRate(km, { max: 0.1 })].');
}
