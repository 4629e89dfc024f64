import type { AssetKey } from '../../model/asset-key.ts';
import { listUpstream, nodeOf, tableOf } from '../../model/graph.ts';
import type { AssetGraph } from '../../model/graph.ts';
import { begunWindows, timeOf } from '../../model/index-ranges.ts';
import { WHOLE_START } from '../../model/partition.ts';
import { planDeploy } from '../../model/plan-deploy.ts';
import type { MadeRange } from '../../model/plan.ts';
import type { Instant } from '../../model/window.ts';
import type { ComparedTable } from '../../warehouse/compare-table.ts';
import type { Queryable } from '../../warehouse/open-warehouse.ts';
import type { Command } from '../command.ts';
import { graphOf } from '../find-asset.ts';
import { select } from '../select.ts';
import { useWarehouse } from '../use-servers.ts';
import { describeDeploy, writeDeploy } from '../write-deploy.ts';

export interface PlanOptions {
  readonly selection?: string;
}

/** Says what a deploy of these definitions would do against the ledger as it is. Changes nothing. */
export const plan: Command<PlanOptions> = async (context, { selection }) => {
  const graph = graphOf(await context.loadDefinitions());
  const assets = new Set(select(graph, selection).assets);
  const now = Date.now();
  const { deployed, made, compared, fastest } = await useWarehouse(context, async ({ sql }) => {
    const [{ isSetUp }, { readDeploys }] = await Promise.all([
      import('../../warehouse/is-set-up.ts'),
      import('../../warehouse/read-deploys.ts'),
    ]);
    const compared = await compareTables(sql, graph, assets);
    // Before the very first deploy there is nothing to be read.
    if (!(await isSetUp(sql))) return { compared, deployed: [], made: [], fastest: new Map<string, number>() };
    return {
      compared,
      deployed: await readDeploys(sql),
      made: await readMade(sql, graph, now),
      fastest: await readFastest(sql, graph),
    };
  });
  const found = planDeploy({ graph, deployed, made, now });
  const pipelines = findPipelines(graph, assets);
  const deploy = {
    assets: found.assets.filter(({ asset }) => assets.has(asset)),
    pipelines: found.pipelines.filter(({ pipeline }) => pipelines.has(pipeline)),
    // A selection names what is defined: of what is gone it can say nothing.
    gone: selection === undefined ? found.gone : [],
  };
  const document = describeDeploy(deploy, { compared, fastest });
  context.output.result(document, writeDeploy(document));
};

/** Those whose windows make the assets, or what these are computed from. */
function findPipelines(graph: AssetGraph, assets: ReadonlySet<AssetKey>): ReadonlySet<string> {
  const makers = [...assets].flatMap((key) => [key, ...listUpstream(graph, key)]);
  return new Set(
    makers.flatMap((key) => {
      const node = nodeOf(graph, key);
      return node.kind === 'derived' ? [] : [node.pipeline.name];
    }),
  );
}

/** What the ledger has of each asset, one statement for each. */
async function readMade(sql: Queryable, graph: AssetGraph, now: Instant): Promise<readonly MadeRange[]> {
  const { readMadeRanges } = await import('../../warehouse/read-made-ranges.ts');
  const made: MadeRange[] = [];
  for (const { key, window } of graph.values()) {
    const within = window ? timeOf(window, begunWindows(window, now)) : { start: WHOLE_START, end: WHOLE_START + 1 };
    made.push(...(await readMadeRanges(sql, { assets: [key], window, within })));
  }
  return made;
}

async function compareTables(
  sql: Queryable,
  graph: AssetGraph,
  assets: ReadonlySet<AssetKey>,
): Promise<readonly ComparedTable[]> {
  const { compareTable } = await import('../../warehouse/compare-table.ts');
  const compared: ComparedTable[] = [];
  for (const table of [...assets].flatMap((key) => tableOf(nodeOf(graph, key)) ?? [])) {
    compared.push(await compareTable(sql, table));
  }
  return compared;
}

/** By pipeline, how many windows it published in its fastest minute. */
async function readFastest(sql: Queryable, graph: AssetGraph): Promise<ReadonlyMap<string, number>> {
  const { readFastestMinute } = await import('../../warehouse/read-fastest-minute.ts');
  const fastest = new Map<string, number>();
  for (const node of graph.values()) {
    if (node.kind === 'events') fastest.set(node.pipeline.name, await readFastestMinute(sql, node.key));
  }
  return fastest;
}
