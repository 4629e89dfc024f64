import type { About } from '../model/about.ts';
import type { CodeSourceSpec, PipelineSpec, PoolLimit } from '../model/pipeline-spec.ts';
import type { MakeFunction } from '../record/make-function.ts';
import { sha256Hex } from '../record/sha256-hex.ts';
import { digestFunction } from './code-version.ts';
import { DefinitionError } from './definition-error.ts';
import { readVersion } from './derived-function.ts';
import { parseDuration } from './duration.ts';
import type { Duration } from './duration.ts';
import { findPipeline, pipeline, pipelineMark } from './pipeline.ts';
import type { Pipeline, PipelineOptions } from './pipeline.ts';
import type { TableHandle } from './table-handle.ts';
import type { Table } from './table.ts';

export interface AssetOptions<OfTable extends Table>
  extends
    About,
    Pick<PipelineOptions<Record<string, OfTable>>, 'window' | 'settle' | 'promise' | 'promisedFrom' | 'zone'> {
  /** How long after its end a window that is missing, or failed, is tried again by itself. */
  readonly lateness?: Duration;
  /** Raised whenever the function would yield other records: its text is not compared. A whole number from 1 on. */
  readonly version: number;
  /** How often the foreign system may be asked, by all that name this pool. */
  readonly limit?: PoolLimit;
  /** An attempt that takes longer is given up. Ten minutes where it is not said, 50 at most. */
  readonly timeout?: Duration;
  readonly table: OfTable;
  /** Yields the records of a window; `table` holds their contract. */
  readonly make: MakeFunction;
}

/** A table that is filled by a function of its own; statements can read it. */
export type Asset<OfTable extends Table = Table> = OfTable & TableHandle & Pick<Pipeline, typeof pipelineMark>;

const DEFAULT_TIMEOUT = '10 minutes';
const MAX_TIMEOUT_MS = 50 * 60_000;
const MAX_PER_SECOND = 10_000;
const MAX_POOL_LENGTH = 200;

/**
 * Declares a table whose records any code yields: `asset('weather/observations', { … async *make({ window }) { … } })`.
 * The first part of its key is its pipeline and SQL schema, the second its table. What `make` yields for a window is the
 * merged object `<pipeline>/events`; from there on it is a pipeline like any other.
 */
export function asset<const OfTable extends Table>(key: string, options: AssetOptions<OfTable>): Asset<OfTable> {
  const where = `asset '${key}'`;
  const [name, tableName, ...more] = key.split('/');
  if (name === undefined || tableName === undefined || more.length > 0) {
    throw new DefinitionError(where, "is no key of a table. Write its pipeline and its name: 'weather/observations'.");
  }
  const { version, limit, timeout, table, make, ...shared } = options;
  if (typeof make !== 'function') {
    throw new DefinitionError(where, 'its `make` is no function. Write it as async *make({ window }) { … }.');
  }
  const source: CodeSourceSpec = {
    kind: 'code',
    version: readVersion(where, version),
    functionDigest: digestFunction(make),
    limit: limit && readLimit(where, limit),
    timeoutMs: readTimeout(where, timeout ?? DEFAULT_TIMEOUT),
  };
  const declared = pipeline(name, { ...shared, source, tables: { [tableName]: table } });
  const handle = declared[tableName] as OfTable & TableHandle;
  const definition = findPipeline(declared);
  if (!definition) throw new DefinitionError(where, 'makes no pipeline. Please report this as a bug.');
  return { ...handle, [pipelineMark]: { ...definition, spec: addVersion(definition.spec, source), make } };
}

/** The table's rows follow from the function, too: with another version they are stale like the merged object. */
function addVersion(spec: PipelineSpec, { version }: CodeSourceSpec): PipelineSpec {
  const tables = spec.tables.map((table) => ({
    ...table,
    codeVersion: sha256Hex(`${table.codeVersion} ${version}`),
    code: { ...table.code, version },
  }));
  return { ...spec, tables };
}

/** A pool has one limit: of two, nobody could tell which holds. */
export function assertPoolsAgree(where: string, pipelines: readonly Pick<PipelineSpec, 'name' | 'source'>[]): void {
  const limits = new Map<string, { readonly name: string; readonly perSecond: number }>();
  for (const { name, source } of pipelines) {
    if (source.kind !== 'code' || !source.limit) continue;
    const { pool, perSecond } = source.limit;
    const other = limits.get(pool);
    if (other && other.perSecond !== perSecond) {
      throw new DefinitionError(
        where,
        `"${other.name}" limits the pool "${pool}" to ${other.perSecond} per second, "${name}" to ${perSecond}. Write one limit in both.`,
      );
    }
    limits.set(pool, { name, perSecond });
  }
}

function readLimit(where: string, { pool, perSecond }: PoolLimit): PoolLimit {
  if (typeof pool !== 'string' || pool.trim() === '' || pool.length > MAX_POOL_LENGTH) {
    throw new DefinitionError(
      where,
      "its limit names no pool. Write it as limit: { pool: 'api.example', perSecond: 5 }.",
    );
  }
  if (typeof perSecond !== 'number' || !(perSecond > 0 && perSecond <= MAX_PER_SECOND)) {
    throw new DefinitionError(
      where,
      `its limit is ${String(perSecond)} per second. Write a number up to ${MAX_PER_SECOND}.`,
    );
  }
  return { pool, perSecond };
}

function readTimeout(where: string, timeout: Duration): number {
  const timeoutMs = parseDuration(where, timeout);
  if (timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT_MS) return timeoutMs;
  throw new DefinitionError(
    where,
    `its timeout is '${timeout}'. Write one of up to '50 minutes'; cut the window finer if need be.`,
  );
}
