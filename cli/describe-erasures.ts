import type { OpenErasures } from '../warehouse/count-open-erasures.ts';

/** Requests for erasure that are not done, as a document. */
export interface ErasuresDocument {
  readonly open: number;
  readonly due: number;
  readonly firstDueAt: string | null;
}

export function describeErasures({ open, due, firstDueAt }: OpenErasures): ErasuresDocument {
  return { open, due, firstDueAt: firstDueAt === undefined ? null : new Date(firstDueAt).toISOString() };
}

/** The same as one sentence; undefined where there is nothing to say. */
export function sayErasures({ open, due, firstDueAt }: ErasuresDocument): string | undefined {
  if (open === 0 || firstDueAt === null) return undefined;
  const requests = open === 1 ? '1 request for erasure is' : `${open} requests for erasure are`;
  const since = due === 0 ? `the first is due at ${firstDueAt}` : `${due} due, the first since ${firstDueAt}`;
  return `${requests} open, ${since}: hourloom erase list`;
}
