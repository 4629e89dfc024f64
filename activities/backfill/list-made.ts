import type { Instant } from '../../model/window.ts';
import type { Dependencies } from '../dependencies.ts';
import { listCurrent } from '../hour/list-current.ts';
import { getBackfill } from './get-backfill.ts';

export interface ListMadeInput {
  readonly id: string;
  /** A window of each day of which something was made. */
  readonly starts: readonly Instant[];
}

/** Writes for the days of a backfill which Parquet is current: once for many of its windows. Safe to repeat. */
export async function listMade(
  dependencies: Pick<Dependencies, 'lake' | 'warehouse' | 'pipelines'>,
  { id, starts }: ListMadeInput,
): Promise<void> {
  const { pipeline } = await getBackfill(dependencies, id);
  for (const start of starts) await listCurrent(dependencies, { pipeline, start });
}
