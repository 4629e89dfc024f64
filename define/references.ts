import type { GenericSchema } from 'valibot';
import { withTarget } from './column.ts';
import type { Column, SetKeyValue } from './column.ts';
import { DefinitionError } from './definition-error.ts';
import { tableIdentity } from './table.ts';
import type { Columns, Table } from './table.ts';

/** What the ids of a table are: `never` where its key is not over all hours. */
type TableId<TableColumns extends Columns> = {
  readonly [Name in keyof TableColumns]: SetKeyValue<TableColumns[Name]>;
}[keyof TableColumns];

/**
 * A column that refers to a row of another table by its `key(…, 'all hours')`. The record is held back for as long as no
 * row of this id is kept, which may come hours later or be withdrawn again. Null refers to nothing.
 *
 *     customer_id: references(customers, sale.customer_id)
 */
export function references<TableColumns extends Columns, Nullable extends boolean>(
  table: Table<GenericSchema, TableColumns>,
  field: Column<TableId<TableColumns>, Nullable>,
): Column<TableId<TableColumns>, Nullable> {
  const identity = tableIdentity(table);
  if (!identity) throw new DefinitionError('references()', 'takes a table first, made with table(contract, columns).');
  return withTarget('references()', field, identity);
}
