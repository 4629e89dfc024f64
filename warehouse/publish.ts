import assert from 'node:assert/strict';
import type { AssetKey } from '../model/asset-key.ts';
import { CountsError } from '../model/counts.ts';
import type { LedgerEntry } from '../model/ledger-entry.ts';
import type { PartitionRef } from '../model/partition.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import type { Instant } from '../model/window.ts';
import { QUARANTINE_COLUMNS } from '../record/quarantine-rows.ts';
import { beginLoad } from './begin-load.ts';
import { copyInto } from './copy-into.ts';
import type { CopyTarget } from './copy-into.ts';
import { deleteReplacedRows } from './delete-replaced-rows.ts';
import { FencedError } from './fence.ts';
import type { Fence } from './fence.ts';
import { lockFence } from './lock-fence.ts';
import type { Sql, Transaction, Warehouse } from './open-warehouse.ts';
import { isConnectionLost, reachWarehouse } from './reach-warehouse.ts';
import { readVisible } from './read-ledger.ts';
import type { Materialization } from './read-ledger.ts';
import { terminateLoad } from './terminate-load.ts';
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
  /** Each table's asset has an entry in `ledger`. Empty where only objects of the lake are published. */
  readonly copies: readonly TableCopy[];
  /** As `record/quarantine-rows.ts` writes them. They stand and go with the rows of `copies`. */
  readonly quarantine?: StagedRows;
  /** At least one. */
  readonly ledger: readonly LedgerEntry[];
  /** Sees the new rows, under the fence as `load_id`, before anybody else does; what it throws stops the publication. */
  readonly check?: (tx: Transaction) => Promise<void>;
  readonly signal?: AbortSignal;
}

export interface Published {
  readonly loadId: Fence;
  readonly publishedAt: Instant;
  /** `already`: an earlier try of this attempt had published the same, and its answer was lost. */
  readonly outcome: 'published' | 'already';
}

/**
 * The one way in which anything becomes visible. Rows, quarantine and ledger change in one transaction: readers see
 * the partition as it was or as it is, and a try that fails at any point leaves it as it was.
 *
 * Copy, then lock: rows go straight into the tables, unseen until the commit; the fence is locked only when they are
 * in. So a process that stops inside a COPY holds nothing that the next attempt needs, and that one ends it anyway.
 */
export async function publish(warehouse: Warehouse, publication: Publication): Promise<Published> {
  assertWhole(publication);
  return reachWarehouse(warehouse, async (sql) => {
    // An earlier try of this attempt, stopped while it published, would hold the lock that this one begins with.
    await terminateLoad(sql, publication.partition);
    try {
      return await transact(sql, (tx) => publishRows(tx, publication));
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      return (await findPublished(sql, publication)) ?? Promise.reject(error);
    }
  });
}

async function publishRows(tx: Transaction, publication: Publication): Promise<Published> {
  const { partition, fence, copies, quarantine, ledger, check, signal } = publication;
  await beginLoad(tx, partition, fence);
  const already = await findPublished(tx, publication);
  if (already) return already;

  for (const { table, ...staged } of copies) await copyRows(tx, tableTarget(table), staged, signal);
  if (quarantine) await copyRows(tx, QUARANTINE, quarantine, signal);
  await check?.(tx);
  signal?.throwIfAborted();

  await lockFence(tx, partition, fence);
  const visible = await readVisible(tx, partition);
  assertNotOutrun(publication, visible);
  await deleteReplacedRows(
    tx,
    fence,
    copies.map(({ table }) => table),
    visible,
  );
  const publishedAt = await writeLedger(tx, partition, fence, ledger);
  await tx`
    delete from hourloom.last_failure
    where pipeline = ${partition.pipeline}
      and partition = ${new Date(partition.start)}
  `;
  return { loadId: fence, publishedAt, outcome: 'published' };
}

const QUARANTINE: CopyTarget = {
  schema: 'hourloom',
  table: 'quarantine',
  columns: QUARANTINE_COLUMNS,
};

function tableTarget({ schema, name, columns }: TableSpec): CopyTarget {
  return { schema, table: name, columns: columns.map((column) => column.name) };
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
async function findPublished(
  sql: Sql | Transaction,
  { partition, fence, ledger }: Publication,
): Promise<Published | undefined> {
  const visible = new Map((await readVisible(sql, partition)).map((made) => [made.asset, made]));
  const own = ledger.map((entry) => {
    const made = visible.get(entry.asset);
    return made?.loadId === fence && isSameMaking(entry, made) ? made : undefined;
  });
  if (own.includes(undefined)) return undefined;
  const publishedAt = Math.max(...own.map((made) => made?.publishedAt ?? 0));
  return { loadId: fence, publishedAt, outcome: 'already' };
}

function isSameMaking(entry: LedgerEntry, made: Materialization): boolean {
  return (
    entry.inputDigest === made.inputDigest &&
    entry.codeVersion === made.codeVersion &&
    entry.objectKey === made.objectKey
  );
}

/**
 * An attempt publishes its object first and its rows later, under one fence. A try of the first step that was held up
 * until after the second must not put another object beside the rows.
 */
function assertNotOutrun({ partition, fence, copies, ledger }: Publication, visible: readonly Materialization[]): void {
  const named = new Set<AssetKey>(ledger.map(({ asset }) => asset));
  const outrun = copies.length === 0 && visible.some(({ asset, loadId }) => loadId === fence && !named.has(asset));
  if (outrun) throw new FencedError(partition, fence, fence);
}

function assertWhole({ copies, ledger }: Publication): void {
  const named = new Set<AssetKey>(ledger.map(({ asset }) => asset));
  assert(
    ledger.length > 0 && named.size === ledger.length,
    'a publication has one ledger entry for each of its assets',
  );
  assert(
    copies.every(({ table }) => named.has(table.asset)),
    'a table that is published has its ledger entry',
  );
}
