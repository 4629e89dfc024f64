import type { PipelineName } from '../model/asset-key.ts';
import type { KeyedIdentifier } from '../record/erasure-key.ts';
import { lockSuppression } from './lock-suppression.ts';
import type { Warehouse } from './open-warehouse.ts';
import { reachWarehouse } from './reach-warehouse.ts';
import { transact } from './transact.ts';

export interface SuppressRequest {
  readonly pipeline: PipelineName;
  readonly erasure: string;
  readonly identifiers: readonly KeyedIdentifier[];
}

/**
 * Puts identifiers on a pipeline's suppression list, and says how many were not there before. When it returns, all that is
 * published of the pipeline is made by the new list, or was published before and can be found. Safe to repeat.
 */
export async function suppress(
  warehouse: Warehouse,
  { pipeline, erasure, identifiers }: SuppressRequest,
): Promise<number> {
  if (identifiers.length === 0) return 0;
  const rows = identifiers.map(({ keyId, kind, hmac }) => ({ key_id: keyId, kind, hmac }));
  return reachWarehouse(warehouse, (sql) =>
    transact(sql, async (tx) => {
      await lockSuppression(tx, pipeline);
      const added = await tx`
        insert into hourloom.suppression (pipeline, sequence, key_id, kind, digest, erasure, created_at)
        select
          ${pipeline}, latest.sequence + row_number() over (order by entry.kind, entry.hmac),
          entry.key_id, entry.kind, decode(entry.hmac, 'hex'), ${erasure}, clock_timestamp()
        from (
          select distinct key_id, kind, hmac
          from jsonb_to_recordset(${tx.json(rows)}) as given (key_id text, kind text, hmac text)
        ) as entry
        cross join (
          select coalesce(max(sequence), 0) as sequence
          from hourloom.suppression
          where pipeline = ${pipeline}
        ) as latest
        where not exists (
          select from hourloom.suppression as known
          where known.pipeline = ${pipeline}
            and known.key_id = entry.key_id
            and known.kind = entry.kind
            and known.digest = decode(entry.hmac, 'hex')
        )
        returning sequence
      `;
      return added.length;
    }),
  );
}
