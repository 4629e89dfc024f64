import type { Definitions } from '../define/definitions.ts';
import { listAssetCode } from '../model/asset-code.ts';
import { buildGraph } from '../model/graph.ts';
import type { Warehouse } from '../warehouse/open-warehouse.ts';
import { pipelineCode } from '../warehouse/pipeline-code.ts';
import { registerDeploy } from '../warehouse/register-deploy.ts';
import type { RegisterOptions } from '../warehouse/register-deploy.ts';
import type { Log } from './create-log.ts';

/**
 * Says on record which code this worker has, before it takes any work: from then on workers with older code publish
 * nothing of what differs.
 */
export async function registerCode(
  warehouse: Warehouse,
  { pipelines, derived }: Pick<Definitions, 'pipelines' | 'derived'>,
  log: Log,
  options: RegisterOptions = {},
): Promise<void> {
  const specs = [...pipelines.values()].map(({ spec }) => spec);
  const graph = buildGraph(specs, [...derived.values()]);
  const codes = [...listAssetCode(graph), ...specs.map(pipelineCode)];
  const { number, changed, outdated, textChanged } = await registerDeploy(warehouse, codes, options);
  if (outdated.length > 0) {
    log.error(
      { assets: outdated },
      'newer code of these assets was deployed since this was: this worker makes nothing of them. Start the newer one; or, to go back to this one, start it with HOURLOOM_DEPLOY=back',
    );
  }
  if (number !== undefined) log.info({ deploy: number, changed }, 'this is the newest code of these assets');
  if (textChanged.length > 0) {
    log.warn({ assets: textChanged }, 'the text of their functions changed, their version did not');
  }
}
