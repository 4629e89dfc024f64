import type { Definitions } from '../define/definitions.ts';
import { listAssetCode } from '../model/asset-code.ts';
import { buildGraph } from '../model/graph.ts';
import type { Warehouse } from '../warehouse/open-warehouse.ts';
import { pipelineCode } from '../warehouse/pipeline-code.ts';
import { registerDeploy } from '../warehouse/register-deploy.ts';
import type { Log } from './create-log.ts';

/**
 * Says on record which code this worker has, before it takes any work: from then on workers with older code publish
 * nothing of what differs.
 */
export async function registerCode(
  warehouse: Warehouse,
  { pipelines, derived }: Pick<Definitions, 'pipelines' | 'derived'>,
  log: Log,
): Promise<void> {
  const specs = [...pipelines.values()].map(({ spec }) => spec);
  const codes = [...listAssetCode(buildGraph(specs, [...derived.values()])), ...specs.map(pipelineCode)];
  const { number, changed, textChanged } = await registerDeploy(warehouse, codes);
  if (number !== undefined) log.info({ deploy: number, changed }, 'this is the newest code of these assets');
  if (textChanged.length > 0) {
    log.warn({ assets: textChanged }, 'the text of their functions changed, their version did not');
  }
}
