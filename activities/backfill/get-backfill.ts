import { TerminalError } from '../../model/terminal-error.ts';
import type { Backfill } from '../../warehouse/backfill.ts';
import { readBackfill } from '../../warehouse/read-backfill.ts';
import type { Dependencies } from '../dependencies.ts';

/** The id names no backfill that was asked for. */
export class UnknownBackfillError extends TerminalError {
  constructor(id: string) {
    super(`Nobody asked for a backfill "${id}". Ask with: hourloom backfill start`);
    this.name = 'UnknownBackfillError';
  }
}

/** The backfill as it was accepted. Throws an `UnknownBackfillError`. */
export async function getBackfill({ warehouse }: Pick<Dependencies, 'warehouse'>, id: string): Promise<Backfill> {
  const row = await readBackfill(warehouse.sql, id);
  if (row) return row;
  throw new UnknownBackfillError(id);
}
