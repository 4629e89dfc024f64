import type { BackfillProgress, BackfillTally } from '../../model/backfill.ts';
import { updateBackfill } from '../../warehouse/update-backfill.ts';
import type { Dependencies } from '../dependencies.ts';

export interface NoteInput {
  readonly id: string;
  readonly progress: Pick<BackfillProgress, 'state' | 'derived' | keyof BackfillTally>;
}

/** Puts on record how far a backfill is, for when Temporal is not asked, or has forgotten it. */
export async function noteBackfill(
  { warehouse }: Pick<Dependencies, 'warehouse'>,
  { id, progress: { state, total, done, made, unchanged, waiting, failed, derived } }: NoteInput,
): Promise<void> {
  const counts = {
    ...{ total, done, made, unchanged, failed },
    ...(waiting === undefined ? {} : { waiting }),
    ...{ derivedTotal: derived.total, derivedDone: derived.done, derivedMade: derived.made },
    ...{ derivedUnchanged: derived.unchanged, derivedFailed: derived.failed },
  };
  await updateBackfill(warehouse, id, { state, counts });
}
