import { tableOf, nodeOf } from '../../model/graph.ts';
import type { TableSpec } from '../../model/pipeline-spec.ts';
import type { ComparedTable } from '../../warehouse/compare-table.ts';
import type { Command, CommandContext } from '../command.ts';
import { ConfigurationError } from '../../config/errors.ts';
import { UsageError } from '../errors.ts';
import type { ExternalTable } from '../../warehouse/print-schema.ts';
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

const DIALECTS = ['postgres', 'athena', 'redshift', 'duckdb'] as const;

function isDialect(text: string): text is (typeof DIALECTS)[number] {
  return (DIALECTS as readonly string[]).includes(text);
}

/** Prints the statements that make the tables, from the definitions alone. */
export const print: Command<PrintOptions> = async (context, { selection, dialect }) => {
  if (!isDialect(dialect)) {
    throw new UsageError(`--dialect "${dialect}" is not known. There is: ${DIALECTS.join(', ')}.`);
  }
  const { printSchema, printExternalSchema } = await import('../../warehouse/print-schema.ts');
  if (dialect !== 'postgres') {
    const external = await selectExternal(context, selection);
    const script = printExternalSchema(dialect, external);
    return context.output.result({ dialect, tables: external.map(({ table }) => table.asset), script }, script);
  }
  const tables = await selectTables(context, selection);
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
    const { grantReading } = await import('../../warehouse/grant-reading.ts');
    const applied = await applySchema(warehouse, tables);
    const problem = await grantReading(warehouse, await selectTables(context, undefined));
    if (problem !== undefined) context.output.note(problem);
    return applied;
  });
  context.output.result({ tables: describeDifferences(compared) }, writeDifferences(compared, 'done'));
};

/** Those of the selected tables that are Parquet in the lake. */
async function selectExternal(
  { loadDefinitions, config }: CommandContext,
  selection: string | undefined,
): Promise<readonly ExternalTable[]> {
  const graph = graphOf(await loadDefinitions());
  const tables = select(graph, selection).assets.flatMap((key) => {
    const node = nodeOf(graph, key);
    const table = tableOf(node);
    if (table?.parquet !== true || node.window === undefined) return [];
    return [{ table, window: node.window, bucket: config.lakeBucket }];
  });
  if (tables.length > 0) return tables;
  throw new UsageError(
    'None of these is Parquet in the lake. Choose others, or write parquet: true in their pipeline.',
  );
}

/** The tables of the selected assets; merged objects have none. */
async function selectTables(
  { loadDefinitions }: CommandContext,
  selection: string | undefined,
): Promise<readonly TableSpec[]> {
  const graph = graphOf(await loadDefinitions());
  return select(graph, selection).assets.flatMap((key) => tableOf(nodeOf(graph, key)) ?? []);
}
