import type { AssetCode } from '../model/asset-code.ts';
import type { AssetKey } from '../model/asset-key.ts';
import type { CodeDescription } from '../model/code-description.ts';
import type { Transaction, Warehouse } from './open-warehouse.ts';
import { reachWarehouse } from './reach-warehouse.ts';
import { readDeploys } from './read-deploys.ts';
import { transact } from './transact.ts';

/** What the start of a worker changed on record. */
export interface RegisteredDeploy {
  /** Undefined where all of its code was the newest already: one more worker of the same deploy. */
  readonly number: number | undefined;
  /** The assets that are made by this code from now on, and by no other. */
  readonly changed: readonly AssetKey[];
  /** Those of the same version whose function has another text. */
  readonly textChanged: readonly AssetKey[];
}

/** As many bytes of JSON as are kept of a description: with room for how Postgres writes it. */
const MAX_CODE_BYTES = 40_000;

/**
 * Says on record that this code is the newest of these assets. Which code counts is for whoever starts a worker to say,
 * so the start that came last wins, also with code that was there before: that is how one goes back.
 */
export async function registerDeploy(warehouse: Warehouse, codes: readonly AssetCode[]): Promise<RegisteredDeploy> {
  return reachWarehouse(warehouse, (sql) =>
    transact(sql, async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtextextended('hourloom.deploy', 0))`;
      const newest = new Map((await readDeploys(tx)).map((deploy) => [deploy.asset, deploy]));
      const changed = codes.filter(({ asset, codeVersion }) => newest.get(asset)?.codeVersion !== codeVersion);
      const textChanged = codes.filter(({ asset, codeVersion, functionDigest }) => {
        const known = newest.get(asset);
        return known?.codeVersion === codeVersion && known.functionDigest !== functionDigest;
      });
      const number = changed.length === 0 ? undefined : await insertDeploy(tx, changed);
      for (const { asset, codeVersion, functionDigest } of textChanged) {
        await tx`
          update hourloom.deploy
          set function_digest = decode(${functionDigest ?? null}, 'hex')
          where asset = ${asset}
            and code_version = decode(${codeVersion}, 'hex')
        `;
      }
      return { number, changed: changed.map(({ asset }) => asset), textChanged: textChanged.map(({ asset }) => asset) };
    }),
  );
}

async function insertDeploy(tx: Transaction, codes: readonly AssetCode[]): Promise<number> {
  const rows = codes.map(({ asset, codeVersion, code, functionDigest }) => ({
    asset,
    code_version: codeVersion,
    code: boundCode(code),
    function_digest: functionDigest ?? null,
  }));
  const [deploy] = await tx<[{ number: number }]>`
    with deploy as materialized (
      select nextval('hourloom.deploy_number') as number
    )
    insert into hourloom.deploy (asset, code_version, number, code, function_digest, deployed_at)
    select
      entry.asset, decode(entry.code_version, 'hex'), deploy.number, entry.code,
      decode(entry.function_digest, 'hex'), clock_timestamp()
    from jsonb_to_recordset(${tx.json(rows)}) as entry (
      asset text, code_version text, code jsonb, function_digest text
    )
    cross join deploy
    on conflict (asset, code_version) do update
    set
      number = excluded.number,
      code = excluded.code,
      function_digest = excluded.function_digest,
      deployed_at = excluded.deployed_at
    returning number
  `;
  return deploy.number;
}

/** Of a description that is too large its columns at least, so that those can be compared. */
function boundCode(code: CodeDescription): CodeDescription {
  const { columns = null, key = null } = code;
  const candidates: readonly CodeDescription[] = [code, { tooLarge: true, columns, key }];
  return candidates.find((each) => Buffer.byteLength(JSON.stringify(each)) <= MAX_CODE_BYTES) ?? { tooLarge: true };
}
