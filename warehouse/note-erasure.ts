import type { ErasureCounts } from '../model/erasure.ts';
import { auditErasure } from './audit-erasure.ts';
import type { Sql } from './open-warehouse.ts';
import { transact } from './transact.ts';

/** How far a request for erasure has come. */
export type ErasureNote =
  | { readonly step: 'preview'; readonly found: ErasureCounts }
  | { readonly step: 'suppressed' }
  | { readonly step: 'done'; readonly changed: ErasureCounts; readonly found: ErasureCounts };

/** Writes how far a request has come, and the audit with it. Safe to repeat: what is noted already is not noted twice. */
export async function noteErasure(sql: Sql, id: string, note: ErasureNote, actor: string): Promise<void> {
  await transact(sql, async (tx) => {
    const noted =
      note.step === 'preview'
        ? await tx`update hourloom.erasure set preview = ${tx.json({ ...note.found })} where id = ${id} and preview is null returning id`
        : note.step === 'suppressed'
          ? await tx`update hourloom.erasure set state = 'running' where id = ${id} and state = 'waiting' returning id`
          : await tx`
              update hourloom.erasure
              set
                state = 'done',
                ended_at = clock_timestamp(),
                counts = ${tx.json({ ...note.changed })},
                proof = ${tx.json({ ...note.found })}
              where id = ${id}
                and state <> 'done'
              returning id
            `;
    if (noted.length === 0) return;
    const counts = note.step === 'preview' ? note.found : note.step === 'done' ? note.changed : {};
    await auditErasure(tx, { erasure: id, step: note.step, actor, counts: { ...counts } });
  });
}
