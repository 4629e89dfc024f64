import type { AssetKey } from '../model/asset-key.ts';
import { queryOf } from '../model/file-format.ts';
import type { PipelineSpec, SourceSpec, TableSpec } from '../model/pipeline-spec.ts';
import { hasPii } from '../model/pii-fields.ts';
import type { WindowSpec } from '../model/window.ts';
import type { PipelineDefinition } from '../record/pipeline-definition.ts';
import type { About } from '../model/about.ts';
import { assertParquetFits } from './parquet.ts';
import { readAbout } from './about.ts';
import type { CheckFunctions } from '../record/check-function.ts';
import { eventsCodeVersion } from './code-version.ts';
import { DefinitionError } from './definition-error.ts';
import { parseDuration } from './duration.ts';
import type { Duration } from './duration.ts';
import { assertAddressesFit } from './http-files.ts';
import { readPromise } from './promise.ts';
import type { PromiseOptions } from './promise.ts';
import type { Sample } from './sample.ts';
import type { SplitField } from './split-value.ts';
import { makeAssetKey, readSchemaName } from './table-name.ts';
import { nameTable } from './table-handle.ts';
import type { TableHandle } from './table-handle.ts';
import { readTableSpecs } from './table-specs.ts';
import type { Table } from './table.ts';
import { hasFirst } from './windows.ts';
import { readZone } from './zone.ts';

export const pipelineMark = Symbol.for('hourloom.pipeline');

type Tables = Readonly<Record<string, Table>>;

export interface PipelineOptions<PipelineTables extends Tables> extends About, PromiseOptions {
  /** The files that are read: `s3Files('s3://…')`. */
  readonly source: SourceSpec;
  /** What time is cut into: `hourly('2019-06-01T18')`. */
  readonly window: WindowSpec;
  /** How long to wait after a window's end, so that late writers can finish. */
  readonly settle?: Duration;
  /** How long after its end a window is watched for late, changed and removed files. */
  readonly lateness?: Duration;
  /** Where its days begin, for what is done daily, as erasures are: `'Europe/Zagreb'`. UTC where it is not said. */
  readonly zone?: string;
  /**
   * The field whose value chooses a record's table; each table's contract has it as a literal. Not where `{table}` in the
   * files' names chooses it.
   */
  readonly splitBy?: SplitField<PipelineTables>;
  /** A table's name here is its SQL table and the end of its asset key. */
  readonly tables: PipelineTables;
  /** Writes each window of each table as a Parquet file into the lake too, for those who read it there. */
  readonly parquet?: boolean;
  /** Makes files like the real ones, for a first look without any data of one's own. */
  readonly sample?: Sample;
}

/** A pipeline, with its tables under their names, by which the statements of derived assets read them. */
export type Pipeline<PipelineTables extends Tables = Tables> = {
  readonly [Name in keyof PipelineTables]: PipelineTables[Name] & TableHandle;
} & {
  readonly [pipelineMark]: PipelineDefinition & {
    readonly sample: Sample | undefined;
    readonly checkFunctions: ReadonlyMap<AssetKey, CheckFunctions>;
  };
};

/**
 * Declares the assets that one window's workflow makes from one source: its merged object `<name>/events` and a table
 * for each entry of `tables`.
 */
export function pipeline<const PipelineTables extends Tables>(
  name: string,
  options: PipelineOptions<PipelineTables>,
): Pipeline<PipelineTables> {
  const where = `pipeline '${name}'`;
  const pipelineName = readSchemaName(where, name);
  const { window } = options;
  if (!hasFirst(window)) {
    throw new DefinitionError(where, "its window says no first one. Write it as hourly('2026-01-01T00').");
  }
  const tables = readTableSpecs(pipelineName, options.tables, options.splitBy, window, queryOf(options.source));
  if (options.parquet === true) tables.forEach(({ spec }) => assertParquetFits(spec));
  assertErasable(
    where,
    options.source,
    tables.map(({ spec }) => spec),
  );
  const ofRecords = tables.filter(({ spec }) => spec.parent === undefined).map(({ spec }) => spec.name);
  if (tables.length === 0) throw new DefinitionError(where, 'has no tables. Add one under `tables`.');
  const source = readChosenTables(where, options.source, ofRecords, options.splitBy);
  if (options.sample && options.source.kind === 's3' && options.source.hourOf === 'lastModified') {
    throw new DefinitionError(
      where,
      "has a sample, whose files would all belong to the moment they are fed: its source has hourOf: 'lastModified'. Leave the sample away.",
    );
  }
  if (options.source.kind === 'http') assertAddressesFit(where, options.source, window);
  assertSplitValuesDiffer(
    where,
    tables.map(({ spec }) => spec),
  );

  const spec: PipelineSpec = {
    name: pipelineName,
    source,
    window,
    settleMs: parseDuration(where, options.settle ?? '5 minutes'),
    latenessMs: parseDuration(where, options.lateness ?? '3 days'),
    ...readPromise(where, window, options),
    ...(options.zone === undefined ? {} : { zone: readZone(where, options.zone) }),
    splitBy: options.splitBy,
    events: { asset: makeAssetKey(where, pipelineName, 'events'), ...eventsCodeVersion(options.source) },
    tables: tables.map(({ spec }) => (options.parquet === true ? { ...spec, parquet: true } : spec)),
    ...readAbout(where, options),
  };
  const contracts = Object.fromEntries(tables.map((table) => [table.spec.name, table.contract]));
  const handles = Object.fromEntries(
    spec.tables.map(({ asset, schema, name }) => [
      name,
      nameTable(options.tables[name], { asset, schema, name, window }),
    ]),
  );
  const checkFunctions = new Map(tables.map((table) => [table.spec.asset, table.checkFunctions]));
  const definition = { spec, contracts, sample: options.sample, checkFunctions };
  return { ...(handles as Pipeline<PipelineTables>), [pipelineMark]: definition };
}

/** What a value in a module of definitions says of its pipeline; undefined where it is none. */
export function findPipeline(value: unknown): Pipeline[typeof pipelineMark] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Partial<Pipeline>)[pipelineMark];
}

/**
 * Says how a record's table is chosen: by a field, or by `{table}` in the files' names, which may then be one of these
 * tables' names; files with another are none of the pipeline's.
 */
function readChosenTables(
  where: string,
  source: SourceSpec,
  tables: readonly string[],
  splitBy: string | undefined,
): SourceSpec {
  const isByName = source.kind === 's3' && source.pattern.includes('{table}');
  if (isByName && splitBy !== undefined) {
    throw new DefinitionError(
      where,
      'has both `splitBy` and {table} in the names of its files. One of them chooses the table: leave the other away.',
    );
  }
  if (isByName) return { ...source, tables };
  if (tables.length > 1 && splitBy === undefined) {
    throw new DefinitionError(
      where,
      'has several tables but no `splitBy`: name the field that tells their records apart.',
    );
  }
  return source;
}

/**
 * An erasure rewrites lines, by the fields that the marked columns are read from. A statement may make a column of
 * whatever its files have, and does not say of what: so nobody could tell what to change in these files.
 */
function assertErasable(where: string, source: SourceSpec, tables: readonly TableSpec[]): void {
  if (!hasPii({ tables })) return;
  if (queryOf(source)) {
    throw new DefinitionError(
      where,
      'has fields that tell of persons, and a statement over whole files. An erasure cannot tell which of their columns these fields come from: leave one of them away, or read the files by lines with format: parquet().',
    );
  }
}

function assertSplitValuesDiffer(where: string, tables: readonly TableSpec[]): void {
  const seen = new Map<string, string>();
  for (const { name, splitValue } of tables) {
    if (splitValue === undefined) continue;
    const other = seen.get(splitValue);
    if (other !== undefined) {
      throw new DefinitionError(
        where,
        `tables "${other}" and "${name}" both take records with "${splitValue}". Make their literals differ.`,
      );
    }
    seen.set(splitValue, name);
  }
}
