import type { AssetKey } from '../model/asset-key.ts';
import type { Fragment, Queryable } from './open-warehouse.ts';

/** An asset and the code that made what is to be published of it. */
export interface MadeBy {
  readonly asset: AssetKey;
  readonly codeVersion: string;
}

/**
 * A worker of older definitions would make the asset. Not terminal: the step is tried again, and a worker with the newer
 * ones may take it then.
 */
export class OutdatedWorkerError extends Error {
  readonly asset: AssetKey;
  /** The number of the deploy that brought newer code. */
  readonly deploy: number;

  constructor(asset: AssetKey, deploy: number) {
    super(
      `This worker's code of ${asset} is not that of the newest deploy, ${deploy}, and so makes nothing of it. ` +
        'Stop this worker, or start it with the newer definitions; if its own are the right ones, start it with HOURLOOM_DEPLOY=back.',
    );
    this.name = 'OutdatedWorkerError';
    this.asset = asset;
    this.deploy = deploy;
  }
}

/** What `findNewerCode` gives: null where no deploy has other code. */
export interface NewerCodeRow {
  readonly newer_asset: AssetKey | null;
  readonly newer_deploy: number | null;
}

/**
 * A table of one row at most: the first of these assets whose newest deploy has other code. For `left join … on true`, so
 * that a statement which goes to the server anyway asks this too. An asset that nobody deployed has no newer code.
 */
export function findNewerCode(sql: Queryable, made: readonly MadeBy[]): Fragment {
  const entries = made.map(({ asset, codeVersion }) => ({ asset, code_version: codeVersion }));
  return sql`
    lateral (
      select newest.asset as newer_asset, newest.number as newer_deploy
      from jsonb_to_recordset(${sql.json(entries)}) as entry (asset text, code_version text)
      cross join lateral (
        select deploy.asset, deploy.number, deploy.code_version
        from hourloom.deploy
        where deploy.asset = entry.asset
        order by deploy.number desc
        limit 1
      ) as newest
      where newest.code_version <> decode(entry.code_version, 'hex')
      order by newest.asset
      limit 1
    ) as newer
  `;
}

/** Throws an `OutdatedWorkerError` where the row names an asset. */
export function assertNotNewer({ newer_asset, newer_deploy }: NewerCodeRow): void {
  if (newer_asset !== null && newer_deploy !== null) throw new OutdatedWorkerError(newer_asset, newer_deploy);
}

/** Throws an `OutdatedWorkerError` where some deploy has newer code of one of these assets: before work is done in vain. */
export async function assertNewestCode(sql: Queryable, made: readonly MadeBy[]): Promise<void> {
  const [row] = await sql<NewerCodeRow[]>`
    select newer_asset, newer_deploy
    from ${findNewerCode(sql, made)}
  `;
  if (row) assertNotNewer(row);
}

/** Whether some deploy has newer code of one of these assets. */
export async function isOutdated(sql: Queryable, made: readonly MadeBy[]): Promise<boolean> {
  return (await sql`select from ${findNewerCode(sql, made)}`).length > 0;
}
