import type { ColumnSpec, FieldPath, Pii } from './column.ts';
import type { PipelineSpec, TableSpec } from './pipeline-spec.ts';

/** A field of a record that tells of a person. Lists do not show in its path. */
export interface PiiField {
  readonly path: FieldPath;
  readonly pii: Pii;
}

/** The fields of the records of one table that tell of a person, those of its child tables among them. */
export function piiFields(table: TableSpec, tables: readonly TableSpec[]): readonly PiiField[] {
  return columnFields(table, tables).flatMap(({ path, pii }) => (pii === undefined ? [] : [{ path, pii }]));
}

/** The fields of which the definition has columns and says of none that it tells of a person. */
export function untoldFields(table: TableSpec, tables: readonly TableSpec[]): readonly FieldPath[] {
  return columnFields(table, tables).flatMap(({ path, pii }) => (pii === undefined ? [path] : []));
}

/** The fields that columns of one table and of its child tables are filled with, and what each tells. */
function columnFields(
  table: TableSpec,
  tables: readonly TableSpec[],
): readonly { readonly path: FieldPath; readonly pii: Pii | undefined }[] {
  const children = tables.filter(({ parent }) => parent?.table === table.name);
  return [table, ...children].flatMap(({ columns, parent }) =>
    columns.flatMap(({ pii, value, references }) => {
      if (value.kind !== 'field') return [];
      const path = value.ofElement === true && parent ? [...parent.path, ...value.path] : value.path;
      return [{ path, pii: pii ?? personReferred(references, tables) }];
    }),
  );
}

/** A column that refers to persons' rows holds what they are known by. */
function personReferred(references: string | undefined, tables: readonly TableSpec[]): 'person' | undefined {
  if (references === undefined) return undefined;
  const target = tables.find(({ name }) => name === references);
  return target?.columns.some(({ name, pii }) => pii === 'person' && target.key.includes(name)) ? 'person' : undefined;
}

/** Whether a column holds what persons are known by. */
export function isPersonColumn({ pii, references }: ColumnSpec, tables: readonly TableSpec[]): boolean {
  return (pii ?? personReferred(references, tables)) === 'person';
}

/** Whether any row of a table tells of a person by itself. */
export function tellsOfPersons(table: TableSpec, tables: readonly TableSpec[]): boolean {
  return table.columns.some((column) => column.pii !== undefined || isPersonColumn(column, tables));
}

/** Whether anything of a pipeline tells of persons: only then erasures have to do with it. */
export function hasPii({ tables }: Pick<PipelineSpec, 'tables'>): boolean {
  return tables.some(({ columns }) => columns.some(({ pii }) => pii !== undefined));
}
