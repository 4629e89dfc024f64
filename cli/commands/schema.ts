import { tableOf, nodeOf } from '../../model/graph.ts';
import type { TableSpec } from '../../model/pipeline-spec.ts';
import type { ComparedTable } from '../../warehouse/compare-table.ts';
import type { Command, CommandContext } from '../command.ts';
import { ConfigurationError } from '../../config/errors.ts';
import { UsageError } from '../errors.ts';
import { graphOf } from '../find-asset.ts';
import { select } from '../select.ts';
import { useWarehouse } from '../use-servers.ts';
import { describeDifferences, writeDifferences } from '../write-differences.ts';

export interface SchemaOptions {
  readonly selection?: string;
}

export interface PrintOptions extends SchemaOptions {
  readonly dialect: string;
}

/** Prints the statements that make the tables, from the definitions alone. */
export const print: Command<PrintOptions> = async (context, { selection, dialect }) => {
  if (dialect !== 'postgres') throw new UsageError(`--dialect "${dialect}" is not known. There is: postgres.`);
  const tables = await selectTables(context, selection);
  const { printSchema } = await import('../../warehouse/print-schema.ts');
  const script = printSchema(tables);
  context.output.result({ dialect, tables: tables.map(({ asset }) => asset), script }, script);
};

/** Says in what the database's tables are not as they are declared, and what would be done about it. Changes nothing. */
export const diff: Command<SchemaOptions> = async (context, { selection }) => {
  const tables = await selectTables(context, selection);
  const compared = await useWarehouse(context, async ({ sql }) => {
    const { compareTable } = await import('../../warehouse/compare-table.ts');
    const found: ComparedTable[] = [];
    for (const table of tables) found.push(await compareTable(sql, table));
    return found;
  });
  context.output.result({ tables: describeDifferences(compared) }, writeDifferences(compared, 'todo'));
  const refused = compared.filter(({ differences }) => differences.some(({ kind }) => kind === 'refuse'));
  if (refused.length > 0) {
    throw new ConfigurationError(
      `No worker starts with these definitions of ${refused.map(({ table }) => table.asset).join(', ')}: ` +
        'restore them, or give each table another name and fill that one from the lake: hourloom backfill start <pipeline> --only missing',
    );
  }
};

/** Makes the tables that are not there, and adds columns: what the start of a worker does. */
export const apply: Command<SchemaOptions> = async (context, { selection }) => {
  const tables = await selectTables(context, selection);
  const compared = await useWarehouse(context, async (warehouse) => {
    const { applySchema } = await import('../../warehouse/apply-schema.ts');
    return applySchema(warehouse, tables);
  });
  context.output.result({ tables: describeDifferences(compared) }, writeDifferences(compared, 'done'));
};

/** The tables of the selected assets; merged objects have none. */
async function selectTables(
  { loadDefinitions }: CommandContext,
  selection: string | undefined,
): Promise<readonly TableSpec[]> {
  const graph = graphOf(await loadDefinitions());
  return select(graph, selection).assets.flatMap((key) => tableOf(nodeOf(graph, key)) ?? []);
}
