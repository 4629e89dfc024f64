import type { PipelineName } from '../model/asset-key.ts';
import { TerminalError } from '../model/terminal-error.ts';
import type { Queryable, Transaction } from './open-warehouse.ts';

/** Somebody was put on the suppression list while a window was made, so that it may hold what it must not. It begins again. */
export class SuppressionRisenError extends TerminalError {
  constructor(pipeline: PipelineName) {
    super(`A person was erased from ${pipeline} while this run was under way. Run the window again.`);
    this.name = 'SuppressionRisenError';
  }
}

/** The list by which a publication was made. */
export interface MadeUnder {
  readonly pipeline: PipelineName;
  readonly sequence: number;
}

/**
 * Holds a pipeline's suppression list as it is until the transaction ends, and fails where it has risen since `made`. So
 * what is published either knows of an erasure, or is there to be found by it. Two statements, because what is read after
 * the lock was waited for must be the truth under it.
 */
export async function holdSuppression(tx: Transaction, { pipeline, sequence }: MadeUnder): Promise<void> {
  await tx`select pg_advisory_xact_lock_shared(hashtextextended(${lockName(pipeline)}, 0))`;
  await assertNotRisen(tx, { pipeline, sequence });
}

/** Fails where the list has risen since; what comes after this may see it rise. */
export async function assertNotRisen(sql: Queryable, { pipeline, sequence }: MadeUnder): Promise<void> {
  const [risen] = await sql`
    select from hourloom.suppression
    where pipeline = ${pipeline}
      and sequence > ${sequence}
    limit 1
  `;
  if (risen) throw new SuppressionRisenError(pipeline);
}

/** Keeps every publication of the pipeline waiting until the transaction ends. */
export async function lockSuppression(tx: Transaction, pipeline: PipelineName): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${lockName(pipeline)}, 0))`;
}

function lockName(pipeline: PipelineName): string {
  return `hourloom.suppression ${pipeline}`;
}
