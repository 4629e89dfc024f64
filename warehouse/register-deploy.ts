import type { AssetCode } from '../model/asset-code.ts';
import type { AssetKey } from '../model/asset-key.ts';
import type { CodeDescription } from '../model/code-description.ts';
import { sha256Hex } from '../record/sha256-hex.ts';
import type { Transaction, Warehouse } from './open-warehouse.ts';
import { reachWarehouse } from './reach-warehouse.ts';
import { readDeploys, WHOLE_DEPLOY } from './read-deploys.ts';
import { transact } from './transact.ts';

/** What the start of a worker changed on record. */
export interface RegisteredDeploy {
  /** Undefined where all of its code was the newest already: one more worker of the same deploy. */
  readonly number: number | undefined;
  /** The assets that are made by this code from now on, and by no other. */
  readonly changed: readonly AssetKey[];
  /** Those of which newer code was deployed since this was: this worker makes nothing of them. */
  readonly outdated: readonly AssetKey[];
  /** Those of the same version whose function has another text. */
  readonly textChanged: readonly AssetKey[];
}

/** As many bytes of JSON as are kept of a description: with room for how Postgres writes it. */
const MAX_CODE_BYTES = 40_000;

export interface RegisterOptions {
  /** This code is the right one, though newer code was deployed since it was: that is how one goes back. */
  readonly back?: boolean;
}

/**
 * Says on record that this code is the newest of these assets, unless all of it together was deployed before and some of
 * it is outdated since: then it is an old worker that starts again, and nothing changes, or a way `back`. A hash does not
 * tell which is newer, so code that is new as a whole counts as the newest, also where parts of it were there before.
 */
export async function registerDeploy(
  warehouse: Warehouse,
  codes: readonly AssetCode[],
  { back = false }: RegisterOptions = {},
): Promise<RegisteredDeploy> {
  return reachWarehouse(warehouse, (sql) =>
    transact(sql, async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtextextended('hourloom.deploy', 0))`;
      const newest = new Map((await readDeploys(tx)).map((deploy) => [deploy.asset, deploy]));
      const differing = codes.filter(({ asset, codeVersion }) => newest.get(asset)?.codeVersion !== codeVersion);
      const whole = wholeCode(codes);
      const isKnown = await isOnRecord(tx, whole);
      const isOld = differing.length > 0 && isKnown && !back;
      const changed = isOld ? [] : differing;
      const textChanged = codes.filter(({ asset, codeVersion, functionDigest }) => {
        const known = newest.get(asset);
        return known?.codeVersion === codeVersion && known.functionDigest !== functionDigest;
      });
      const isNew = changed.length > 0 || !isKnown;
      const deployed = isNew ? await insertDeploy(tx, [...changed, whole]) : undefined;
      const number = changed.length > 0 ? deployed : undefined;
      for (const { asset, codeVersion, functionDigest } of textChanged) {
        await tx`
          update hourloom.deploy
          set function_digest = decode(${functionDigest ?? null}, 'hex')
          where asset = ${asset}
            and code_version = decode(${codeVersion}, 'hex')
        `;
      }
      const assetsOf = (some: readonly AssetCode[]) => some.map(({ asset }) => asset);
      const outdated = assetsOf(isOld ? differing : []);
      return { number, changed: assetsOf(changed), outdated, textChanged: assetsOf(textChanged) };
    }),
  );
}

/** All that one worker was started with, under a name that is no asset's and no pipeline's. */
function wholeCode(codes: readonly AssetCode[]): AssetCode {
  const lines = codes.map(({ asset, codeVersion }) => `${asset} ${codeVersion}`).sort();
  return { asset: WHOLE_DEPLOY, codeVersion: sha256Hex(lines.join('\n')), code: {}, functionDigest: undefined };
}

async function isOnRecord(tx: Transaction, { asset, codeVersion }: AssetCode): Promise<boolean> {
  const found = await tx`
    select
    from hourloom.deploy
    where asset = ${asset}
      and code_version = decode(${codeVersion}, 'hex')
  `;
  return found.length > 0;
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
