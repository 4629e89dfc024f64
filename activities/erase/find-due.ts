import type { PipelineName } from '../../model/asset-key.ts';
import { findDueErasures } from '../../warehouse/find-due-erasures.ts';
import type { Dependencies } from '../dependencies.ts';

export interface FindDueInput {
  readonly pipeline: PipelineName;
  /** The last request of the page before; undefined for the first. */
  readonly after: string | undefined;
}

/** The next requests that are due. */
export interface DuePage {
  readonly due: readonly string[];
  /** After which request the next page begins; null where this was the last. */
  readonly after: string | null;
}

/** A page keeps its run's history short. */
const PAGE = 100;

/** Finds the next requests for erasure that a pipeline is part of, that are due and not done. */
export async function findDue({ warehouse }: Dependencies, { pipeline, after }: FindDueInput): Promise<DuePage> {
  const due = await findDueErasures(warehouse.sql, { pipeline, now: Date.now(), after, limit: PAGE });
  return { due, after: due.length < PAGE ? null : (due.at(-1) ?? null) };
}
