import type { LakeAnswer, LakeTable } from '../lake/query-parquet.ts';
import type { PipelineSpec, TableSpec } from '../model/pipeline-spec.ts';
import type { StoredObject } from '../model/source-object.ts';
import type { Window } from '../model/window.ts';
import type { QueryResult, QueryValue } from '../warehouse/query-read-only.ts';
import type { Sql } from '../warehouse/open-warehouse.ts';
import type { CommandContext } from './command.ts';
import { ConfigurationError } from '../config/errors.ts';
import { UsageError } from './errors.ts';
import { openMachine } from './open-machine.ts';
import type { RangeOptions } from './read-range.ts';
import { readTimeRange } from './read-time-range.ts';

export interface LakeQuestion {
  readonly text: string;
  readonly range: RangeOptions;
  readonly maxRows: number;
}

/** All that a statement may fetch. */
const MAX_BYTES = 1_000_000_000;
const MAX_FILES = 10_000;

/** Reads the Parquet that the ledger says is current, of the windows in the range, with one statement. */
export async function queryLake(context: CommandContext, { text, range, maxRows }: LakeQuestion): Promise<QueryResult> {
  const { start, end } = readTimeRange(range, Date.now());
  const within = { start: start ?? 0, end: end ?? Date.now() };
  const { pipelines } = await context.loadDefinitions();
  const parts = [...pipelines.values()].flatMap(({ spec }) =>
    spec.tables.filter(({ parquet }) => parquet === true).map((table) => ({ spec, table })),
  );
  if (parts.length === 0) {
    throw new ConfigurationError('No pipeline writes Parquet. Say so in its definition, with parquet: true.');
  }
  await using machine = openMachine(context);
  const [{ queryParquet, LakeQueryError }, { reachWarehouse }] = await Promise.all([
    import('../lake/query-parquet.ts'),
    import('../warehouse/reach-warehouse.ts'),
  ]);
  await using warehouse = await machine.openWarehouse();
  await using lake = await machine.openLake();
  const tables = parts.map(({ spec, table }) => ({
    ...describeTable(spec, table),
    findFiles: () =>
      reachWarehouse(warehouse, async (sql) => {
        const { files, without } = await findFiles(sql, table, within);
        if (without > 0) {
          context.output.note(
            `${without === 1 ? '1 window' : `${without} windows`} of ${table.asset} with rows and without Parquet, made before it was asked for: make again what you miss.`,
          );
        }
        return files;
      }),
  }));
  try {
    return writeAnswer(await queryParquet(lake, { text, tables, maxRows, maxBytes: MAX_BYTES }));
  } catch (error) {
    if (!(error instanceof LakeQueryError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

function describeTable({ window }: PipelineSpec, table: TableSpec): Omit<LakeTable, 'findFiles'> {
  const { asset, schema, name, columns } = table;
  return { asset, schema, name, columns, kind: window };
}

interface CurrentFiles {
  readonly files: readonly StoredObject[];
  /** How many windows have rows in the warehouse alone. */
  readonly without: number;
}

async function findFiles(sql: Sql, { asset }: TableSpec, within: Window): Promise<CurrentFiles> {
  const { readMade } = await import('../warehouse/read-made.ts');
  const files: StoredObject[] = [];
  let without = 0;
  for await (const page of readMade(sql, { asset, within })) {
    for (const { objectKey, rowCount, counts } of page) {
      const digest = /\/([0-9a-f]{64})\.parquet$/u.exec(objectKey ?? '')?.[1];
      if (objectKey !== undefined && digest !== undefined && counts.bytes !== undefined) {
        files.push({ key: objectKey, size: counts.bytes, digest });
      } else if (rowCount > 0) without += 1;
    }
    if (files.length > MAX_FILES) {
      throw new UsageError(
        `${asset} has more than ${MAX_FILES} Parquet files there, and no more are fetched. Read fewer windows with --from and --to.`,
      );
    }
  }
  return { files, without };
}

/** What JSON or a column cannot hold as one value is its text. */
function writeAnswer({ columns, rows, truncated }: LakeAnswer): QueryResult {
  return {
    columns,
    rows: rows.map((row) =>
      Object.fromEntries(columns.map((column, index): [string, QueryValue] => [column, toValue(row[index])])),
    ),
    truncated,
  };
}

function toValue(value: LakeAnswer['rows'][number][number] | undefined): QueryValue {
  if (value === undefined || value === null) return null;
  return typeof value === 'object' ? JSON.stringify(value) : value;
}
