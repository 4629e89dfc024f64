import { keyIdentifier } from '../record/erasure-key.ts';
import type { ErasureKey, IdentifierKind } from '../record/erasure-key.ts';
import type { Erasure } from './erasure.ts';
import type { Sql } from './open-warehouse.ts';
import { auditErasure } from './audit-erasure.ts';
import { transact } from './transact.ts';

export interface NewErasure extends Pick<Erasure, 'id' | 'pipelines' | 'executeAt'> {
  /** What the person is known by. It leaves this process as keyed digests only. */
  readonly person: readonly { readonly kind: IdentifierKind; readonly value: string }[];
  readonly key: ErasureKey;
  /** Who asks: for the audit. */
  readonly actor: string;
}

/** Puts a request for erasure on record, once by its id, and says whether this call did. */
export async function insertErasure(
  sql: Sql,
  { id, pipelines, person, key, executeAt, actor }: NewErasure,
): Promise<boolean> {
  const identifiers = person.map(({ kind, value }) => keyIdentifier(key, kind, value));
  return transact(sql, async (tx) => {
    const inserted = await tx`
      insert into hourloom.erasure (id, pipelines, identifiers, state, asked_at, execute_at)
      values (
        ${id}, ${tx.json([...pipelines])}, ${tx.json(identifiers.map((each) => ({ ...each })))},
        'waiting', clock_timestamp(), ${new Date(executeAt)}
      )
      on conflict do nothing
      returning id
    `;
    if (inserted.length === 0) return false;
    await auditErasure(tx, { erasure: id, step: 'asked', actor, counts: { identifiers: identifiers.length } });
    return true;
  });
}
