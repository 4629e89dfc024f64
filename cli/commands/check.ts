import { ConfigurationError } from '../../config/errors.ts';
import { listAssetCode } from '../../model/asset-code.ts';
import type { AssetKey } from '../../model/asset-key.ts';
import type { AssetGraph } from '../../model/graph.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import type { Command } from '../command.ts';
import { graphOf } from '../find-asset.ts';
import { openMachine } from '../open-machine.ts';

/**
 * Loads all definitions, which refuses those that do not fit together, and has Postgres read every statement on empty
 * tables. Nothing is made. Ends with exit code 3 where something must be corrected.
 */
export const check: Command = async (context) => {
  const definitions = await context.loadDefinitions();
  const { pipelines, derived } = definitions;
  const specs = [...pipelines.values()].map(({ spec }) => spec);
  const computed = [...derived.values()];
  const tables = specs.flatMap((spec) => spec.tables);
  const own = [...tables, ...computed.map(({ table }) => table)].flatMap(({ checks = [] }) => checks);
  const statements = [
    ...computed.filter(({ computation }) => computation.kind === 'sql'),
    ...own.filter(({ rule }) => rule.kind === 'sql'),
  ];

  const { checkDerived } = await import('../../warehouse/check-derived.ts');
  await using machine = openMachine(context);
  await using warehouse = await machine.openWarehouse();
  const problems = await checkDerived(warehouse, computed, tables);
  const changed = await findChangedText(warehouse, graphOf(definitions));
  for (const asset of changed) context.output.note(writeChangedText(asset));

  const assets = specs.length + tables.length + computed.length;
  const summary = `Pipelines: ${specs.length}, assets: ${assets}, statements: ${statements.length}.`;
  context.output.result(
    {
      ok: problems.length === 0,
      pipelines: specs.length,
      assets,
      statements: statements.length,
      problems,
      changedText: changed,
    },
    problems.length === 0
      ? `All definitions are right. ${summary}`
      : problems.map(({ asset, problem }) => `${asset}: ${problem}`).join('\n'),
  );
  if (problems.length > 0) {
    const wrong = new Set(problems.map(({ asset }) => asset));
    throw new ConfigurationError(`Correct the definitions of ${[...wrong].join(', ')}.`);
  }
};

/** The assets whose function has another text than the worker had that was deployed last, under the same version. */
async function findChangedText(warehouse: Warehouse, graph: AssetGraph): Promise<readonly AssetKey[]> {
  const [{ isSetUp }, { readDeploys }, { reachWarehouse }] = await Promise.all([
    import('../../warehouse/is-set-up.ts'),
    import('../../warehouse/read-deploys.ts'),
    import('../../warehouse/reach-warehouse.ts'),
  ]);
  // Definitions can be checked against a warehouse that no worker has set up yet.
  const deployed = await reachWarehouse(warehouse, async (sql) => ((await isSetUp(sql)) ? readDeploys(sql) : []));
  const known = new Map(deployed.map((deploy) => [deploy.asset, deploy]));
  return listAssetCode(graph)
    .filter(({ asset, codeVersion, functionDigest }) => {
      const before = known.get(asset);
      return before?.codeVersion === codeVersion && before.functionDigest !== functionDigest;
    })
    .map(({ asset }) => asset);
}

function writeChangedText(asset: AssetKey): string {
  return `${asset}: the text of its function changed since it was deployed, its version did not. If it gives other rows now, raise its version.`;
}
