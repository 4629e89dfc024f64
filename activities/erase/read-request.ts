import type { PipelineName } from '../../model/asset-key.ts';
import type { KeyedIdentifier } from '../../record/erasure-key.ts';
import type { Erasure } from '../../warehouse/erasure.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { readErasure } from '../../warehouse/read-erasures.ts';
import { readLearned } from '../../warehouse/read-suppression.ts';
import { UnknownErasureError } from './errors.ts';

/** A request with all that its person is known by in a pipeline, as far as that has come to light. */
export async function readRequest(
  { sql }: Warehouse,
  id: string,
  pipeline?: PipelineName,
): Promise<{ readonly request: Erasure; readonly identifiers: readonly KeyedIdentifier[] }> {
  const request = await readErasure(sql, id);
  if (!request) throw new UnknownErasureError(id);
  const learned = pipeline === undefined ? [] : await readLearned(sql, pipeline, id);
  return { request, identifiers: [...request.identifiers, ...learned] };
}
