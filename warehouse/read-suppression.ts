import type { PipelineName } from '../model/asset-key.ts';
import type { IdentifierKind, KeyedIdentifier } from '../record/erasure-key.ts';
import type { Queryable } from './open-warehouse.ts';

/** What persons are known by whom a pipeline must not bring back. */
export interface SuppressionList {
  /** Of the latest entry; 0 where there is none. */
  readonly sequence: number;
  readonly identifiers: readonly KeyedIdentifier[];
}

/** A longer list would not be held in memory; it says so rather than forget somebody. */
const MAX_IDENTIFIERS = 1_000_000;

/** Reads a pipeline's suppression list as it is. */
export async function readSuppression(sql: Queryable, pipeline: PipelineName): Promise<SuppressionList> {
  const rows = await sql<{ sequence: number; key_id: string; kind: IdentifierKind; hmac: string }[]>`
    select sequence, key_id, kind, encode(digest, 'hex') as hmac
    from hourloom.suppression
    where pipeline = ${pipeline}
    order by sequence
    limit ${MAX_IDENTIFIERS + 1}
  `;
  if (rows.length > MAX_IDENTIFIERS) {
    throw new RangeError(`The suppression list of ${pipeline} has more than ${MAX_IDENTIFIERS} entries.`);
  }
  return {
    sequence: rows.at(-1)?.sequence ?? 0,
    identifiers: rows.map(({ key_id: keyId, kind, hmac }) => ({ keyId, kind, hmac })),
  };
}

/** What one request has put on a pipeline's list. */
export async function readLearned(
  sql: Queryable,
  pipeline: PipelineName,
  erasure: string,
): Promise<readonly KeyedIdentifier[]> {
  const rows = await sql<{ key_id: string; kind: IdentifierKind; hmac: string }[]>`
    select key_id, kind, encode(digest, 'hex') as hmac
    from hourloom.suppression
    where pipeline = ${pipeline}
      and erasure = ${erasure}
    order by sequence
  `;
  return rows.map(({ key_id: keyId, kind, hmac }) => ({ keyId, kind, hmac }));
}
