import assert from 'node:assert/strict';
import type { AssetKey } from '../model/asset-key.ts';
import { CountsError } from '../model/counts.ts';
import type { LedgerEntry } from '../model/ledger-entry.ts';
import type { PartitionRef } from '../model/partition.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import { rowsTable } from '../model/rule-set.ts';
import type { Instant } from '../model/window.ts';
import { QUARANTINE_COLUMNS } from '../record/quarantine-rows.ts';
import type { MadeBy } from './assert-newest-code.ts';
import { beginLoad } from './begin-load.ts';
import { copyInto } from './copy-into.ts';
import type { CopyTarget } from './copy-into.ts';
import { deleteReplacedRows } from './delete-replaced-rows.ts';
import { FencedError } from './fence.ts';
import type { Fence } from './fence.ts';
import { fillTable } from './fill-table.ts';
import type { TableFill } from './fill-table.ts';
import { lockFence } from './lock-fence.ts';
import { holdSuppression } from './lock-suppression.ts';
import type { MadeUnder } from './lock-suppression.ts';
import type { Sql, Transaction, Warehouse } from './open-warehouse.ts';
import { isConnectionLost, reachWarehouse } from './reach-warehouse.ts';
import { readVisible } from './read-ledger.ts';
import type { Materialization } from './read-ledger.ts';
import { terminateLoad } from './terminate-load.ts';
import { beginRuling } from './rule-set.ts';
import { transact } from './transact.ts';
import { writeLedger } from './write-ledger.ts';

/** Rows that are ready to go: COPY BINARY of the table's columns in their order, without `load_id`. */
export interface StagedRows {
  /** How many rows the chunks hold; the publication fails when the server counts another number. */
  readonly rows: number;
  /** From the beginning, each time it is called. */
  readonly chunks: () => AsyncIterable<Uint8Array>;
}

/** One table's new rows, none included: the rows of the making before go in any case. */
export interface TableCopy extends StagedRows {
  readonly table: TableSpec;
}

/** All that becomes visible of a partition at one moment. */
export interface Publication {
  readonly partition: PartitionRef;
  readonly fence: Fence;
  /** Each table's asset has an entry in `ledger`. Empty where only objects of the lake are published, or fills. */
  readonly copies: readonly TableCopy[];
  /** Each gives the entry of its table's asset itself: what it read and counted is known only then. */
  readonly fills?: readonly TableFill[];
  /** As `record/quarantine-rows.ts` writes them. They stand and go with the rows of `copies`. */
  readonly quarantine?: StagedRows;
  /** At least one, or a fill. */
  readonly ledger: readonly LedgerEntry[];
  /** What must be the newest code that was deployed, besides that of what is published. */
  readonly code?: MadeBy;
  /** The suppression list by which it was made; left out where nothing in it tells of persons. */
  readonly suppression?: MadeUnder;
  /**
   * Sees the new rows, under the fence as `load_id`, before anybody else does, and what the ledger is to say of them;
   * what it throws stops the publication.
   */
  readonly check?: (tx: Transaction, ledger: readonly LedgerEntry[]) => Promise<void>;
  readonly signal?: AbortSignal;
}

export interface Published {
  readonly loadId: Fence;
  readonly publishedAt: Instant;
  /** What the ledger says of it, the entries of the fills last. */
  readonly ledger: readonly LedgerEntry[];
  /** `already`: an earlier try of this attempt had published the same, and its answer was lost. */
  readonly outcome: 'published' | 'already';
}

/**
 * The one way in which anything becomes visible. Rows, quarantine and ledger change in one transaction: readers see
 * the partition as it was or as it is, and a try that fails at any point leaves it as it was.
 *
 * Copy, then lock: rows go straight into the tables, unseen until the commit; the fence is locked only when they are
 * in. So a process that stops inside a COPY holds nothing that the next attempt needs, and that one ends it anyway.
 *
 * An attempt fills its tables once: to compute them again from newer inputs, claim a new fence.
 */
export async function publish(warehouse: Warehouse, publication: Publication): Promise<Published> {
  assertWhole(publication);
  return reachWarehouse(warehouse, async (sql) => {
    // An earlier try of this attempt, stopped while it published, would hold the lock that this one begins with.
    if (bringsRows(publication)) await terminateLoad(sql, publication.partition);
    try {
      return await transact(sql, (tx) => publishIn(sql, tx, publication));
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      const already = matchPublished(publication, await readVisible(sql, publication.partition));
      if (already) return already;
      publication.signal?.throwIfAborted();
      throw error;
    }
  });
}

async function publishIn(sql: Sql, tx: Transaction, publication: Publication): Promise<Published> {
  const { partition, fence, signal } = publication;
  let filled: readonly LedgerEntry[] = [];
  if (bringsRows(publication)) {
    await beginLoad(tx, partition, fence);
    const already = matchPublished(publication, await readVisible(tx, partition));
    if (already) return already;
    filled = await bringRows(sql, tx, publication);
  }
  signal?.throwIfAborted();

  await lockFence(tx, partition, fence, madeBy(publication));
  if (publication.suppression) await holdSuppression(tx, publication.suppression);
  const visible = await readVisible(tx, partition);
  const already = bringsRows(publication) ? undefined : matchPublished(publication, visible);
  if (already) return already;
  assertNotOutrun(publication, visible);
  const tables = tablesOf(publication);
  const arrived = publication.copies.filter(({ rows }) => rows > 0).map(({ table }) => table.asset);
  const replaced = visible.filter(({ loadId }) => loadId !== fence);
  const ruling = await beginRuling(tx, { partition, fence, tables, arrived, replaced });
  const ledger = [...publication.ledger, ...filled];
  await deleteReplacedRows(tx, { partition, fence }, tables, visible);
  const publishedAt = await writeLedger(tx, partition, fence, ledger, visible);
  await ruling?.finish();
  return { loadId: fence, publishedAt, ledger, outcome: 'published' };
}

/**
 * Where only objects of the lake are published there is nothing that takes time: no session is put on record to be ended.
 * One that stops all the same, between lock and commit, is ended by the server's own timeouts, and meanwhile waited for.
 */
function bringsRows({ copies, fills = [], quarantine, check }: Publication): boolean {
  return copies.length + fills.length > 0 || quarantine !== undefined || check !== undefined;
}

/** Puts all rows where they will be seen, and returns what the ledger is to say of those that were computed. */
async function bringRows(sql: Sql, tx: Transaction, publication: Publication): Promise<readonly LedgerEntry[]> {
  const { copies, fills = [], quarantine, check, signal } = publication;
  for (const { table, ...staged } of copies) await copyRows(tx, tableTarget(table), staged, signal);
  const filled = await endWhenAborted(sql, publication, () => fillTables(tx, fills, signal));
  if (quarantine) await copyRows(tx, QUARANTINE, quarantine, signal);
  if (check) await endWhenAborted(sql, publication, () => check(tx, [...publication.ledger, ...filled]));
  return filled;
}

async function fillTables(
  tx: Transaction,
  fills: readonly TableFill[],
  signal: AbortSignal | undefined,
): Promise<readonly LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  for (const fill of fills) entries.push(await fillTable(tx, fill, signal));
  return entries;
}

/**
 * Ends the load's session when the signal says so: a statement may run for minutes. Not by a request to cancel, which
 * names a session and not a statement, and so could hit what the session does next.
 */
async function endWhenAborted<T>(sql: Sql, { partition, signal }: Publication, work: () => Promise<T>): Promise<T> {
  signal?.throwIfAborted();
  const end = (): void => void terminateLoad(sql, partition).catch(() => undefined);
  signal?.addEventListener('abort', end, { once: true });
  try {
    return await work();
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

/** The code of each asset that is published, and of all together. */
function madeBy({ ledger, fills = [], code }: Publication): readonly MadeBy[] {
  return [...ledger, ...fills.map(({ table }) => table), ...(code ? [code] : [])];
}

function tablesOf({ copies, fills = [] }: Publication): readonly TableSpec[] {
  return [...copies, ...fills].map(({ table }) => table);
}

const QUARANTINE: CopyTarget = {
  schema: 'hourloom',
  table: 'quarantine',
  columns: QUARANTINE_COLUMNS,
};

function tableTarget(table: TableSpec): CopyTarget {
  const { schema, columns } = table;
  return { schema, table: rowsTable(table), columns: columns.map((column) => column.name) };
}

async function copyRows(
  tx: Transaction,
  target: CopyTarget,
  { rows, chunks }: StagedRows,
  signal?: AbortSignal,
): Promise<void> {
  if (rows === 0) return;
  const copied = await copyInto(tx, target, chunks(), signal);
  if (copied !== rows)
    throw new CountsError(`${rows} rows were staged for ${target.schema}.${target.table}, ${copied} arrived`);
}

/** Whether the ledger already says all that this publication says, under its own load id. */
function matchPublished(
  { fence, ledger, fills = [] }: Publication,
  all: readonly Materialization[],
): Published | undefined {
  const visible = all.filter(({ loadId }) => loadId === fence);
  const own = [
    ...ledger.map((entry) => visible.find((made) => isSameMaking(entry, made))),
    // What a fill read and counted only the try that published it can say.
    ...fills.map(({ table }) =>
      visible.find((made) => made.asset === table.asset && made.codeVersion === table.codeVersion),
    ),
  ].filter((made) => made !== undefined);
  if (own.length < ledger.length + fills.length) return undefined;
  const publishedAt = Math.max(...own.map((made) => made.publishedAt));
  return { loadId: fence, publishedAt, ledger: own.map(toEntry), outcome: 'already' };
}

function isSameMaking(entry: LedgerEntry, made: Materialization): boolean {
  return (
    entry.asset === made.asset &&
    entry.inputDigest === made.inputDigest &&
    entry.codeVersion === made.codeVersion &&
    entry.objectKey === made.objectKey
  );
}

function toEntry({ loadId: _loadId, publishedAt: _publishedAt, ...entry }: Materialization): LedgerEntry {
  return entry;
}

/**
 * An attempt publishes its object first and its rows later, under one fence. A try of the first step that was held up
 * until after the second must not put another object beside the rows.
 */
function assertNotOutrun(publication: Publication, visible: readonly Materialization[]): void {
  if (tablesOf(publication).length > 0) return;
  const { partition, fence, ledger } = publication;
  const named = new Set<AssetKey>(ledger.map(({ asset }) => asset));
  const outrun = visible.some(({ asset, loadId }) => loadId === fence && !named.has(asset));
  if (outrun) throw new FencedError(partition, fence, fence);
}

function assertWhole({ copies, fills = [], ledger }: Publication): void {
  const given = ledger.map(({ asset }) => asset);
  const assets = [...given, ...fills.map(({ table }) => table.asset)];
  assert(
    assets.length > 0 && new Set(assets).size === assets.length,
    'a publication has one ledger entry for each of its assets',
  );
  assert(
    copies.every(({ table }) => given.includes(table.asset)),
    'a table that is published has its ledger entry',
  );
}
