import { cancellationSignal } from '@temporalio/activity';
import type { KeptObject } from '../../lake/list-kept.ts';
import type { Lake } from '../../lake/open-lake.ts';
import type { ParquetTextsReader } from '../../lake/open-parquet-texts.ts';
import { readStoredKey } from '../../lake/read-partition-folder.ts';
import { readStored } from '../../lake/read-stored.ts';
import { parquetRoot } from '../../model/hive-layout.ts';
import { hasPii } from '../../model/pii-fields.ts';
import { personColumns } from '../../model/person-columns.ts';
import type { PipelineSpec, TableSpec } from '../../model/pipeline-spec.ts';
import type { StoredObject } from '../../model/source-object.ts';
import { cutCopyRows } from '../../record/cut-copy-rows.ts';
import type { CopyRow } from '../../record/cut-copy-rows.ts';
import { formatUuid } from '../../record/format-uuid.ts';
import { QUARANTINE_COLUMNS } from '../../record/quarantine-rows.ts';
import type { Suppression } from '../../record/suppression.ts';

export interface CopySearch {
  readonly lake: Lake;
  readonly spec: PipelineSpec;
  readonly suppression: Suppression;
  /** Opened where there is Parquet. */
  readonly openParquet: () => Promise<ParquetTextsReader>;
}

/** Whether an object that was made of lines tells of the person. */
export async function searchCopy(
  search: CopySearch,
  { kind, version, ...listed }: KeptObject & { readonly kind: 'staged' | 'parquet' | 'log' },
): Promise<boolean> {
  const object = readStoredKey(listed);
  if (!object) return false;
  const read = { version, signal: cancellationSignal() };
  switch (kind) {
    case 'staged':
      return searchStaged(search, object, read);
    case 'parquet':
      return searchParquet(search, object, read);
    case 'log':
      return searchText(search, object, read);
  }
}

/** The table whose rows an object holds; undefined where it is declared no more, or the object holds none of a table's. */
export function findTable({ tables }: PipelineSpec, key: string): TableSpec | undefined {
  const staged = /\.([a-z0-9_]+)\.copy$/u.exec(key)?.[1];
  return tables.find(({ name, asset }) => name === staged || key.startsWith(parquetRoot(asset)));
}

/** Whether a table's rows are a person's and do not say whose: those of a child table, without the record that they belong to. */
export function isUntold(table: TableSpec, { tables }: PipelineSpec): boolean {
  return hasPii({ tables: [table] }) && personColumns(table, tables).person.length === 0;
}

interface Read {
  readonly version: string | undefined;
  readonly signal: AbortSignal;
}

async function searchStaged(
  { lake, spec, suppression }: CopySearch,
  object: StoredObject,
  read: Read,
): Promise<boolean> {
  const table = findTable(spec, object.key);
  const isHers = object.key.endsWith('._quarantine.copy')
    ? (row: CopyRow) => isHeldBackOf(suppression, row)
    : rowsOf(suppression, table, spec);
  for await (const row of cutCopyRows(readStored(lake, object, read))) if (isHers(row)) return true;
  return false;
}

/** How a row is searched. Rows of other columns than the table's of today are searched as texts. */
function rowsOf(
  suppression: Suppression,
  table: TableSpec | undefined,
  { tables }: PipelineSpec,
): (row: CopyRow) => boolean {
  const readRow = table && createRowReader(table, tables);
  return (row) =>
    readRow && row.length === table.columns.length
      ? suppression.isPersons(...readRow(row))
      : row.some((field) => field !== null && suppression.isIn(field.toString('utf8')));
}

/** What is held back is searched as the quarantine is. */
function isHeldBackOf(suppression: Suppression, row: CopyRow): boolean {
  const [sourceKey = '', detail = '', excerpt = ''] = HELD_BACK.map(
    (name) => row[QUARANTINE_COLUMNS.indexOf(name)]?.toString('utf8') ?? '',
  );
  return [excerpt, detail].some((text) => suppression.apply(text, sourceKey) !== undefined);
}

const HELD_BACK = ['source_key', 'detail', 'excerpt'] as const;

/** Reads what a staged row tells of persons; uuids stand in it as 16 bytes. */
function createRowReader(
  table: TableSpec,
  tables: readonly TableSpec[],
): (row: CopyRow) => readonly [person: readonly string[], texts: readonly string[]] {
  const { person, texts } = personColumns(table, tables);
  const place = (columns: typeof person) =>
    columns.map((column) => ({ type: column.type, index: table.columns.indexOf(column) }));
  const [personPlaces, textPlaces] = [place(person), place(texts)];
  const read = (row: CopyRow, places: typeof personPlaces): readonly string[] =>
    places.flatMap(({ type, index }) => {
      const field = row[index];
      if (!field) return [];
      if (type === 'uuid') return [formatUuid(field.toString('hex'))];
      // Before its text a jsonb has its format's version.
      return [field.toString('utf8', type === 'jsonb' ? 1 : 0)];
    });
  return (row) => [read(row, personPlaces), read(row, textPlaces)];
}

/** A table that is declared no more has the names of columns that those of today have. */
async function searchParquet(
  { spec, suppression, openParquet }: CopySearch,
  object: StoredObject,
  read: Read,
): Promise<boolean> {
  const table = findTable(spec, object.key);
  const columns = (table ? [table] : spec.tables).map((each) => personColumns(each, spec.tables));
  const named = new Set(columns.flatMap(({ person }) => person.map(({ name }) => name)));
  const lineColumns = (table?.columns ?? []).filter(({ value }) => value.kind === 'line').map(({ name }) => name);
  const reader = await openParquet();
  for await (const row of reader.read(object, { ...read, named, without: new Set(lineColumns) })) {
    if (suppression.isPersons(row.named, row.withAt)) return true;
  }
  return false;
}

/** Logs are small: an attempt's has at most a quarter of a megabyte. */
async function searchText({ lake, suppression }: CopySearch, object: StoredObject, read: Read): Promise<boolean> {
  const chunks: Buffer[] = [];
  for await (const chunk of readStored(lake, object, read)) chunks.push(chunk);
  return Buffer.concat(chunks)
    .toString('utf8')
    .split('\n')
    .some((line) => suppression.isIn(line));
}
