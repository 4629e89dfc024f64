import { NOTHING_FOUND } from '../../model/erasure.ts';
import type { ErasureCounts } from '../../model/erasure.ts';
import type { PipelineName } from '../../model/asset-key.ts';
import { personColumns } from '../../model/person-columns.ts';
import { readQuarantinedTexts } from '../../warehouse/read-quarantined-texts.ts';
import { readPersonTexts } from '../../warehouse/read-person-texts.ts';
import { getPipeline } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';
import { createSuppression } from './open-suppression.ts';
import { readRequest } from './read-request.ts';

export interface SearchRowsInput {
  readonly erasure: string;
  readonly pipeline: PipelineName;
}

/** Searches a pipeline's tables and quarantine for the person, row by row: independent of what the lake says. */
export async function searchRows(
  { warehouse, pipelines, erasureKeys = [] }: Dependencies,
  { erasure, pipeline }: SearchRowsInput,
): Promise<ErasureCounts> {
  const { spec } = getPipeline({ pipelines }, pipeline);
  const { identifiers } = await readRequest(warehouse, erasure, pipeline);
  const suppression = createSuppression(spec, erasureKeys, identifiers);
  let rows = 0;
  for (const table of spec.tables) {
    for await (const { person, others } of readPersonTexts(warehouse, table, personColumns(table, spec.tables))) {
      if (suppression.isPersons(person, others)) rows += 1;
    }
  }
  let quarantined = 0;
  const assets = [spec.events.asset, ...spec.tables.map(({ asset }) => asset)];
  for await (const { sourceKey, excerpt, detail } of readQuarantinedTexts(warehouse, assets)) {
    const isFound = suppression.apply(excerpt, sourceKey) ?? suppression.apply(detail, sourceKey);
    if (isFound) quarantined += 1;
  }
  return { ...NOTHING_FOUND, rows, quarantined };
}
