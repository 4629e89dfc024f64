import { ConfigurationError } from '../../config/errors.ts';
import type { Command } from '../command.ts';
import { openMachine } from '../open-machine.ts';

/**
 * Loads all definitions, which refuses those that do not fit together, and has Postgres read every statement on empty
 * tables. Nothing is made. Ends with exit code 3 where something must be corrected.
 */
export const check: Command = async (context) => {
  const { pipelines, derived } = await context.loadDefinitions();
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

  const assets = specs.length + tables.length + computed.length;
  const summary = `Pipelines: ${specs.length}, assets: ${assets}, statements: ${statements.length}.`;
  context.output.result(
    { ok: problems.length === 0, pipelines: specs.length, assets, statements: statements.length, problems },
    problems.length === 0
      ? `All definitions are right. ${summary}`
      : problems.map(({ asset, problem }) => `${asset}: ${problem}`).join('\n'),
  );
  if (problems.length > 0) {
    const wrong = new Set(problems.map(({ asset }) => asset));
    throw new ConfigurationError(`Correct the definitions of ${[...wrong].join(', ')}.`);
  }
};
