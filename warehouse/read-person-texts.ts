import type { TableSpec } from '../model/pipeline-spec.ts';
import { isPersonColumn } from '../model/pii-fields.ts';
import { rowsTable } from '../model/rule-set.ts';
import type { Warehouse } from './open-warehouse.ts';

/** What a row tells of a person. */
export interface PersonTexts {
  readonly person: readonly string[];
  readonly others: readonly string[];
}

/** So many rows are held at once. */
const BATCH = 1_000;

/** Reads of every row of a table, rows out of sight too, what tells of a person; nothing where no column does. */
export async function* readPersonTexts(
  { sql }: Warehouse,
  table: TableSpec,
  tables: readonly TableSpec[],
): AsyncGenerator<PersonTexts, void, undefined> {
  const person = table.columns.filter((column) => isPersonColumn(column, tables)).map(({ name }) => name);
  const classified = table.columns.filter(({ pii }) => pii !== undefined).map(({ name }) => name);
  const others = classified.filter((name) => !person.includes(name));
  const names = [...person, ...others];
  if (names.length === 0) return;
  const rows = sql<Readonly<Record<string, string | null>>[]>`
    select ${sql(names)}
    from ${sql(table.schema)}.${sql(rowsTable(table))}
  `.cursor(BATCH);
  for await (const batch of rows) {
    for (const row of batch) yield { person: readTexts(row, person), others: readTexts(row, others) };
  }
}

function readTexts(row: Readonly<Record<string, string | null>>, names: readonly string[]): readonly string[] {
  return names.flatMap((name) => row[name] ?? []);
}
