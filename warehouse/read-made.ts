import type { AssetKey } from '../model/asset-key.ts';
import type { BackfillOrder } from '../model/plan.ts';
import type { Instant, Window } from '../model/window.ts';
import type { Queryable } from './open-warehouse.ts';
import { materializationColumns, toMaterialization } from './read-ledger.ts';
import type { Materialization, MaterializationRow } from './read-ledger.ts';

/** What is visible of one of an asset's partitions. */
export interface MadePartition extends Materialization {
  readonly start: Instant;
}

export interface MadeQuestion {
  readonly asset: AssetKey;
  /** Partitions that start within it. */
  readonly within: Window;
  readonly order?: BackfillOrder;
  /** At most 5,000, which is what is taken when it is left out. */
  readonly pageSize?: number;
}

const MAX_PAGE_SIZE = 5_000;

/**
 * What is visible of an asset, page by page: each page is read when it is asked for, and sees the ledger of that
 * moment. A partition comes once, however often it is made meanwhile.
 */
export async function* readMade(
  sql: Queryable,
  { asset, within, order = 'oldest', pageSize = MAX_PAGE_SIZE }: MadeQuestion,
): AsyncGenerator<readonly MadePartition[], void, undefined> {
  const limit = Math.min(pageSize, MAX_PAGE_SIZE);
  let rest = within;
  for (;;) {
    const rows = await sql<(MaterializationRow & { readonly partition: Date })[]>`
      select partition, ${materializationColumns(sql)}
      from hourloom.materialization
      where asset = ${asset}
        and partition >= ${new Date(rest.start)}
        and partition < ${new Date(rest.end)}
        and visible
      order by partition ${order === 'oldest' ? sql`asc` : sql`desc`}
      limit ${limit}
    `;
    const page = rows.map((row) => ({ ...toMaterialization(row), start: row.partition.getTime() }));
    const last = page.at(-1);
    if (last) yield page;
    if (!last || page.length < limit) return;
    rest = order === 'oldest' ? { ...rest, start: last.start + 1 } : { ...rest, end: last.start };
  }
}
