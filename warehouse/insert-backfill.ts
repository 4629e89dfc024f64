import { subtractRanges, uniteRanges } from '../model/index-ranges.ts';
import { backfillColumns, toBackfill } from './backfill.ts';
import type { Backfill, BackfillRow, PlannedRequest } from './backfill.ts';
import { listOpenBackfills } from './list-backfills.ts';
import type { Transaction, Warehouse } from './open-warehouse.ts';
import { reachWarehouse } from './reach-warehouse.ts';
import { readBackfill } from './read-backfill.ts';
import { transact } from './transact.ts';

/** The backfill of a request, and whether this call inserted it. */
export interface InsertedBackfill {
  readonly backfill: Backfill;
  readonly isNew: boolean;
}

/**
 * Accepts a request once by its id. Its windows are those that no open backfill of the pipeline has, which may be none.
 * Safe to repeat, and for requests that come at the same time: of two, one is first and the other takes the rest.
 */
export async function insertBackfill(warehouse: Warehouse, request: PlannedRequest): Promise<InsertedBackfill> {
  return reachWarehouse(warehouse, (sql) =>
    transact(sql, async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtextextended(${`hourloom.backfill ${request.pipeline}`}, 0))`;
      const found = await readBackfill(tx, request.id);
      if (found) return { backfill: found, isNew: false };
      return { backfill: await insert(tx, request), isNew: true };
    }),
  );
}

async function insert(tx: Transaction, { id, pipeline, asked, ranges }: PlannedRequest): Promise<Backfill> {
  const open = await listOpenBackfills(tx, pipeline);
  const taken = uniteRanges(...open.map((backfill) => backfill.ranges));
  const own = subtractRanges(uniteRanges(ranges), taken).map(({ from, to }) => ({ from, to }));
  const [row] = await tx<[BackfillRow]>`
    insert into hourloom.backfill (id, pipeline, asked, ranges, state, counts, created_at)
    values (${id}, ${pipeline}, ${tx.json({ ...asked })}, ${tx.json(own)}, 'accepted', '{}', clock_timestamp())
    returning ${backfillColumns(tx)}
  `;
  return toBackfill(row);
}
