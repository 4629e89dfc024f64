import type { ColumnSpec } from './column.ts';
import type { TableSpec } from './pipeline-spec.ts';

/** A column whose values must be ids of kept rows of another table. */
export interface SetReference {
  /** The table of the records that are judged, or a child of it. */
  readonly from: TableSpec;
  readonly column: ColumnSpec;
  readonly to: TableSpec;
}

/** A table whose records rules over the whole set hold for. */
export interface SetTable {
  readonly table: TableSpec;
  readonly children: readonly TableSpec[];
  /** Its own and its children's, in the order they were written: the first that is broken is told. */
  readonly references: readonly SetReference[];
  /** Whether others refer to it. */
  readonly isReferenced: boolean;
}

/** Tables refer to each other in a circle: which of their rows to keep would have no one answer. */
export class ReferenceCycleError extends Error {
  constructor(tables: readonly string[]) {
    super(`Tables refer to each other in a circle: ${tables.join(', ')}. Remove one of these references.`);
    this.name = 'ReferenceCycleError';
  }
}

/**
 * The tables of a pipeline that rules over the whole set hold for, each after all that it refers to; child tables stand
 * with their parents. Empty where there are none.
 */
export function orderRuleSet(tables: readonly TableSpec[]): readonly SetTable[] {
  const roots = tables.filter(({ set, parent }) => set !== undefined && parent === undefined);
  let waiting = roots.map((table) => readSetTable(table, tables));
  const ordered: SetTable[] = [];
  while (waiting.length > 0) {
    const names = new Set(waiting.map(({ table }) => table.name));
    const next = waiting.filter(({ references }) => references.every(({ to }) => !names.has(to.name)));
    if (next.length === 0) throw new ReferenceCycleError([...names]);
    ordered.push(...next);
    waiting = waiting.filter((table) => !next.includes(table));
  }
  return ordered;
}

function readSetTable(table: TableSpec, tables: readonly TableSpec[]): SetTable {
  const children = tables.filter(({ parent }) => parent?.table === table.name);
  const references = [table, ...children].flatMap((from) =>
    from.columns.flatMap((column): readonly SetReference[] => {
      if (column.references === undefined) return [];
      const to = tables.find(({ name }) => name === column.references);
      if (!to) throw new RangeError(`${from.asset}: column "${column.name}" refers to a table that is not there.`);
      return [{ from, column, to }];
    }),
  );
  const isReferenced = tables.some(({ columns }) => columns.some(({ references: name }) => name === table.name));
  return { table, children, references, isReferenced };
}

/** Whether the public view of a table shows a column. */
export function isShown({ hidden }: Pick<ColumnSpec, 'hidden'>): boolean {
  return hidden !== true;
}

/** The SQL table that holds all rows of a table: rules over the set take some of them out of the public one's sight. */
export function rowsTable({ name, set }: Pick<TableSpec, 'name' | 'set'>): string {
  return set?.rows ?? name;
}
