import type { ColumnSpec } from '../model/column.ts';
import type { PersonColumns } from '../model/person-columns.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import { rowsTable } from '../model/rule-set.ts';
import type { Fence } from './fence.ts';
import type { Fragment, Warehouse } from './open-warehouse.ts';

/** What a row tells of a person. */
export interface PersonTexts {
  /** The load that brought it. */
  readonly loadId: Fence;
  readonly person: readonly string[];
  /** Those of its other texts that may have an e-mail in them. */
  readonly others: readonly string[];
}

/** So many rows are held at once. */
const BATCH = 1_000;

/** Reads of every row of a table, rows out of sight too, what may tell of a person; nothing where no column can. */
export async function* readPersonTexts(
  { sql }: Warehouse,
  table: TableSpec,
  { person, texts }: PersonColumns,
): AsyncGenerator<PersonTexts, void, undefined> {
  if (person.length + texts.length === 0) return;
  const plain = ({ name }: ColumnSpec): Fragment => sql`${sql(name)}::text as ${sql(name)}`;
  const withEmail = ({ name }: ColumnSpec): Fragment =>
    sql`case when position('@' in ${sql(name)}::text) > 0 then ${sql(name)}::text end as ${sql(name)}`;
  const columns = [...person.map(plain), ...texts.map(withEmail)].reduce(
    (before, column) => sql`${before}, ${column}`,
    sql`load_id`,
  );
  const rows = sql<({ readonly load_id: Fence } & Readonly<Record<string, string | null>>)[]>`
    select ${columns}
    from ${sql(table.schema)}.${sql(rowsTable(table))}
  `.cursor(BATCH);
  for await (const batch of rows) {
    for (const row of batch) {
      yield { loadId: row.load_id, person: readTexts(row, person), others: readTexts(row, texts) };
    }
  }
}

function readTexts(row: Readonly<Record<string, unknown>>, columns: readonly ColumnSpec[]): readonly string[] {
  return columns.flatMap(({ name }) => (row[name] as string | null) ?? []);
}
