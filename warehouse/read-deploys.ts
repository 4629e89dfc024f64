import type { AssetCode } from '../model/asset-code.ts';
import type { AssetKey } from '../model/asset-key.ts';
import type { CodeDescription } from '../model/code-description.ts';
import type { Instant } from '../model/window.ts';
import type { Queryable } from './open-warehouse.ts';

/** The newest code of an asset, as some worker started with it. */
export interface Deploy extends AssetCode {
  readonly number: number;
  readonly deployedAt: Instant;
}

/** Stands for all that a worker was started with; no asset and no pipeline can have this name. */
export const WHOLE_DEPLOY = '.' as AssetKey;

/** The newest code of every asset that was ever deployed, by asset. */
export async function readDeploys(sql: Queryable): Promise<readonly Deploy[]> {
  const rows = await sql<DeployRow[]>`
    select distinct on (asset)
      asset,
      encode(code_version, 'hex') as code_version,
      number,
      code,
      encode(function_digest, 'hex') as function_digest,
      deployed_at
    from hourloom.deploy
    where asset <> ${WHOLE_DEPLOY}
    order by asset, number desc
  `;
  return rows.map((row) => ({
    asset: row.asset,
    codeVersion: row.code_version,
    number: row.number,
    code: row.code,
    functionDigest: row.function_digest ?? undefined,
    deployedAt: row.deployed_at.getTime(),
  }));
}

interface DeployRow {
  readonly asset: AssetKey;
  readonly code_version: string;
  readonly number: number;
  readonly code: CodeDescription;
  readonly function_digest: string | null;
  readonly deployed_at: Date;
}
