import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { AssetKey, PipelineName } from '../../model/asset-key.ts';
import type { ColumnType } from '../../model/column.ts';
import type { LedgerEntry } from '../../model/ledger-entry.ts';
import type { PartitionRef } from '../../model/partition.ts';
import type { TableSpec } from '../../model/pipeline-spec.ts';
import type { Instant } from '../../model/window.ts';
import { COLUMN_TYPES } from '../../record/column-type.ts';
import { CopyStream } from '../../record/copy-stream.ts';
import { writeQuarantineRow } from '../../record/quarantine-rows.ts';
import { ensureTables } from '../../warehouse/ensure-tables.ts';
import type { Fence } from '../../warehouse/fence.ts';
import { migrateUp } from '../../warehouse/migrate.ts';
import { openWarehouse } from '../../warehouse/open-warehouse.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import type { Publication, StagedRows, TableCopy } from '../../warehouse/publish.ts';
import { createDatabase } from '../support/services.ts';

export const SQL_FOLDER = fileURLToPath(new URL('../../sql', import.meta.url));

const pipeline = 'fleet' as PipelineName;

/** The hour that most tests are about. */
export const HOUR: PartitionRef = { pipeline, start: Date.parse('2019-06-01T18:00:00Z') };

/** The merged object's asset: an entry in the ledger, no rows. */
export const EVENTS = 'fleet/events' as AssetKey;

export function hexDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A table of the shape `(id text, at timestamptz, seats bigint null)`, keyed by id. */
export function makeTable(name: string): TableSpec {
  return {
    asset: `fleet/${name}` as AssetKey,
    schema: pipeline,
    name,
    columns: [
      makeColumn('id', 'text', false),
      makeColumn('at', 'timestamptz', false),
      makeColumn('seats', 'bigint', true),
    ],
    key: ['id'],
    splitValue: undefined,
    codeVersion: hexDigest(name),
  };
}

function makeColumn(name: string, type: ColumnType, nullable: boolean): TableSpec['columns'][number] {
  return { name, type, nullable, value: { kind: 'field', path: [name], type, nullable } };
}

export const CAR = makeTable('car');
export const TRIP = makeTable('trip');

/** One row of `makeTable`'s shape. `seats: 'broken'` writes twelve bytes where eight belong, which Postgres refuses. */
export interface TestRow {
  readonly id: string;
  readonly at?: string;
  readonly seats?: number | null | 'broken';
}

/** The rows `first-0 … first-(n-1)`. */
export function makeRows(prefix: string, count: number): readonly TestRow[] {
  return Array.from({ length: count }, (_, index) => ({ id: `${prefix}-${index}`, seats: index }));
}

/** Rows as COPY BINARY, one chunk for each `rowsPerChunk` of them. */
export function encodeRows(rows: Iterable<TestRow>, rowsPerChunk = 1_000): readonly Buffer[] {
  const stream = new CopyStream();
  const chunks: Buffer[] = [];
  let waiting = 0;
  for (const { id, at = '2019-06-01T18:17:03.087Z', seats = null } of rows) {
    stream.begin(3);
    COLUMN_TYPES.text.write(stream.row, id);
    COLUMN_TYPES.timestamptz.write(stream.row, at);
    if (seats === null) stream.row.writeInt32(-1);
    else if (seats === 'broken') [12, 0, 0, 0].forEach((number) => stream.row.writeInt32(number));
    else COLUMN_TYPES.bigint.write(stream.row, seats);
    stream.keep();
    waiting += 1;
    if (waiting % rowsPerChunk === 0) chunks.push(stream.take());
  }
  return [...chunks, stream.finish()];
}

export async function* streamChunks(chunks: Iterable<Buffer>): AsyncGenerator<Buffer> {
  yield* chunks;
}

export function stage(rows: readonly TestRow[]): StagedRows {
  return { rows: rows.length, chunks: () => streamChunks(encodeRows(rows)) };
}

export function copyOf(table: TableSpec, rows: readonly TestRow[]): TableCopy {
  return { table, ...stage(rows) };
}

export function stageQuarantine(lines: readonly number[]): StagedRows {
  const stream = new CopyStream();
  for (const line of lines) {
    const place = { sourceKey: 'data/1.json', line, excerpt: '{"on":' };
    writeQuarantineRow(stream, { asset: CAR.asset, reason: 'bad_json', detail: 'the line ends early', ...place });
  }
  const bytes = stream.finish();
  return { rows: lines.length, chunks: () => streamChunks([bytes]) };
}

export function entryOf(asset: AssetKey, rowCount: number, input = 'input'): LedgerEntry {
  const digests = { inputDigest: hexDigest(input), codeVersion: hexDigest(asset) };
  return {
    asset,
    ...digests,
    rowCount,
    counts: { lines: rowCount, good: rowCount, duplicate: 0, quarantined: 0 },
    objectKey: undefined,
  };
}

/** A publication of the table `car` alone. */
export function publicationOf(fence: Fence, rows: readonly TestRow[], more: Partial<Publication> = {}): Publication {
  return { partition: HOUR, fence, copies: [copyOf(CAR, rows)], ledger: [entryOf(CAR.asset, rows.length)], ...more };
}

export interface TestWarehouse extends Warehouse {
  readonly url: string;
}

/** A database of its own with the product's schema and the tables `fleet.car` and `fleet.trip`. */
export async function createWarehouse(maxConnections = 6): Promise<TestWarehouse> {
  const url = await createDatabase();
  const warehouse = openWarehouse({ url, maxConnections, applicationName: 'hourloom test' });
  await migrateUp(warehouse, SQL_FOLDER);
  await ensureTables(warehouse, [CAR, TRIP]);
  return { ...warehouse, url };
}

/** Ledger rows as a publication would leave them, without any rows of tables: for tests that read the ledger. */
export interface MadeRow {
  readonly asset: AssetKey;
  readonly start: Instant;
  readonly loadId?: number;
  readonly codeVersion?: string;
  readonly rowCount?: number;
  readonly counts?: LedgerEntry['counts'];
  readonly publishedAt?: Instant;
}

/** Inserts visible rows of the pipeline `fleet` into the ledger. What is left out: load 1, one row, no counts. */
export async function insertMade({ sql }: Warehouse, rows: readonly MadeRow[]): Promise<void> {
  const entries = rows.map(({ asset, start, loadId, codeVersion, rowCount, counts, publishedAt }) => ({
    load_id: loadId ?? 1,
    asset,
    partition: new Date(start),
    code_version: codeVersion ?? hexDigest(asset),
    row_count: rowCount ?? 1,
    counts: counts ?? {},
    published_at: new Date(publishedAt ?? start),
  }));
  await sql`
    insert into hourloom.materialization (
      load_id, pipeline, asset, partition, input_digest, code_version, row_count, counts, visible, published_at
    )
    select
      load_id, ${pipeline}, asset, partition, sha256('input'), decode(code_version, 'hex'), row_count, counts, true, published_at
    from jsonb_to_recordset(${sql.json(entries)}) as made (
      load_id bigint, asset text, partition timestamptz, code_version text, row_count bigint, counts jsonb,
      published_at timestamptz
    )
  `;
}

/** What readers see of the table `car`: the load id of each row, by id. */
export async function readCars({ sql }: Warehouse): Promise<Readonly<Record<string, number>>> {
  const rows = await sql<{ id: string; load_id: number }[]>`select id, load_id from fleet.car order by id`;
  return Object.fromEntries(rows.map(({ id, load_id }) => [id, load_id]));
}

/** A promise and the way to settle it: how a test holds something up until a fact is there. */
export function createGate(): { readonly opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
