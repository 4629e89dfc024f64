import { MAX_IDENTIFIER_BYTES } from '../model/asset-key.ts';
import type { ColumnSpec, ColumnType } from '../model/column.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import { orderRuleSet, ReferenceCycleError } from '../model/rule-set.ts';
import { DefinitionError } from './definition-error.ts';
import { makeAssetKey } from './table-name.ts';
import { readTable, tableIdentity } from './table.ts';
import type { ReadTable, Table, TableColumn } from './table.ts';

type Tables = Readonly<Record<string, Table>>;
type Unversioned = Omit<TableSpec, 'codeVersion'>;

/** Ids are compared as texts, and only these are the same text in every session. */
const ID_TYPES: ReadonlySet<ColumnType> = new Set(['text', 'uuid', 'bigint']);

/** A record's position, which decides between rows of one id. */
const POSITION: readonly ColumnSpec[] = [
  { name: '_source_key', type: 'text', nullable: false, value: { kind: 'line', of: 'source_key' }, hidden: true },
  { name: '_line', type: 'bigint', nullable: false, value: { kind: 'line', of: 'number' }, hidden: true },
];

/** A column as data; what it refers to, by its name in the pipeline. */
export function readColumnSpec(
  where: string,
  { isKey: _, overAllHours: __, target, ...column }: TableColumn,
  tables: Tables,
): ColumnSpec {
  if (!target) return column;
  const found = Object.entries(tables).find(([, table]) => tableIdentity(table) === target);
  if (!found) {
    throw new DefinitionError(
      where,
      `column "${column.name}" refers to a table that the pipeline does not have. Add that one to \`tables\` too.`,
    );
  }
  return { ...column, references: found[0] };
}

/** Adds to a table, or to the child of one, what rules over the whole set need; others stay as they are. */
export function withSetRules(where: string, spec: Unversioned, read: ReadTable, tables: Tables): Unversioned {
  const parent = spec.parent?.table;
  const root = parent === undefined ? read : readTable(where, tables[parent]!);
  const id = findSetKey(where, root.columns);
  if (!id) return assertNoSetRules(where, spec, read);
  if (parent !== undefined && read.columns.some(({ overAllHours }) => overAllHours)) {
    throw new DefinitionError(
      where,
      "follows its parent, whose key is over all hours already. Leave 'all hours' away.",
    );
  }
  const rows = `${spec.name}_all`;
  if (rows.length > MAX_IDENTIFIER_BYTES) {
    throw new DefinitionError(where, `its name leaves no room for "${rows}", the table of all its rows. Shorten it.`);
  }
  const asset = parent === undefined ? spec.asset : makeAssetKey(where, spec.schema, parent);
  if (parent !== undefined) return { ...spec, set: { asset, rows, id: findParentId(where, spec, id) } };
  const taken = spec.columns.find(({ name }) => POSITION.some((column) => column.name === name));
  if (taken) throw new DefinitionError(where, `the column name "${taken.name}" is taken by Hourloom. Choose another.`);
  return { ...spec, columns: [...spec.columns, ...POSITION], set: { asset, rows, id: id.name } };
}

/** Throws where tables refer to what has no ids, to each other in a circle, or where two have one SQL table. */
export function assertSetFits(pipelineName: string, specs: readonly TableSpec[]): void {
  for (const { name, columns } of specs) {
    const where = `table '${pipelineName}/${name}'`;
    for (const { name: column, type, references } of columns) {
      if (references === undefined) continue;
      const target = specs.find((spec) => spec.name === references);
      const id = target?.parent ? undefined : target?.columns.find((each) => each.name === target.set?.id);
      if (!id) {
        throw new DefinitionError(
          where,
          `column "${column}" refers to ${references}, whose rows have no ids over all hours. Write its key as key(…, 'all hours').`,
        );
      }
      if (id.type !== type) {
        throw new DefinitionError(where, `column "${column}" is ${type}, but the ids of ${references} are ${id.type}.`);
      }
    }
    const owner = specs.find(({ set }) => set?.rows === name);
    if (owner) {
      throw new DefinitionError(where, `this name is taken by the table of all rows of ${owner.name}. Rename it.`);
    }
  }
  try {
    orderRuleSet(specs);
  } catch (error) {
    if (!(error instanceof ReferenceCycleError)) throw error;
    throw new DefinitionError(`pipeline '${pipelineName}'`, error.message);
  }
}

function findSetKey(where: string, columns: readonly TableColumn[]): TableColumn | undefined {
  const id = columns.find(({ overAllHours }) => overAllHours);
  if (!id) return undefined;
  if (columns.filter(({ isKey }) => isKey).length > 1) {
    throw new DefinitionError(
      where,
      "a key over all hours is one column. Make it the only one, of several fields by key(hashedUuid(…), 'all hours').",
    );
  }
  if (!ID_TYPES.has(id.type)) {
    throw new DefinitionError(where, `its key "${id.name}" is ${id.type}. Over all hours it is text, bigint or uuid.`);
  }
  return id;
}

/** Its rows are found by the record's id, which begins their key. */
function findParentId(where: string, { key, columns }: Unversioned, id: TableColumn): string {
  const [first] = key;
  const column = columns.find(({ name }) => name === first);
  if (column && JSON.stringify(column.value) === JSON.stringify(id.value)) return column.name;
  throw new DefinitionError(
    where,
    `its parent's rows are unique over all hours, so that its own key begins with the parent's "${id.name}". Put it first, in key(…).`,
  );
}

function assertNoSetRules(where: string, spec: Unversioned, { columns }: ReadTable): Unversioned {
  if (columns.some(({ overAllHours }) => overAllHours)) {
    throw new DefinitionError(where, "follows its parent: write that one's key as key(…, 'all hours').");
  }
  const column = spec.columns.find(({ references }) => references !== undefined);
  if (!column) return spec;
  throw new DefinitionError(
    where,
    `column "${column.name}" refers to another table, but ${spec.parent ? "the parent's key" : 'the key'} is not over all hours. Write it as key(…, 'all hours').`,
  );
}
