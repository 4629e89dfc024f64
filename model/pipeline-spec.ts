import type { About } from './about.ts';
import type { CodeDescription } from './code-description.ts';
import type { AssetKey, PipelineName } from './asset-key.ts';
import type { CheckSpec } from './check-spec.ts';
import type { ColumnSpec, FieldPath } from './column.ts';
import type { FileFormat } from './file-format.ts';
import type { Instant, WindowSpec } from './window.ts';

/** Which part of a record makes the rows of a child table: each element of a list, or an object where it is there. */
export interface ParentSpec {
  /** The name of the table that the record itself is for. */
  readonly table: string;
  readonly kind: 'each' | 'part';
  /** Where the list or object stands in the record. */
  readonly path: FieldPath;
}

/**
 * A table whose rows are known over all windows: no two kept ones have the same id, and other tables can refer to it.
 * Child tables follow their parent.
 */
export interface SetRules {
  /** The table of the records that are judged: its own asset, or its parent's. */
  readonly asset: AssetKey;
  /** The SQL table of all rows. The one of the table's own name is a view of those that break no rule. */
  readonly rows: string;
  /** The column that holds a record's id. */
  readonly id: string;
}

/** A table that a pipeline fills: one asset, one SQL table of the same name in the pipeline's schema. */
export interface TableSpec {
  readonly asset: AssetKey;
  /** The SQL schema: the pipeline's name. */
  readonly schema: PipelineName;
  readonly name: string;
  readonly columns: readonly ColumnSpec[];
  /** The columns that tell one row of a partition from another, in the order they were written. At least one. */
  readonly key: readonly string[];
  /** The value of the pipeline's `splitBy` field in this table's records; undefined where records are not split by one. */
  readonly splitValue: string | undefined;
  /** What its new rows are held to. At least one; left out where there are none. */
  readonly checks?: readonly CheckSpec[];
  /** Each record asks for something to be done: see `record/asked-person.ts`. No child table does. */
  readonly asks?: 'erasure';
  /** Each partition is written as a Parquet file of the lake too. No part of the code version: the rows are the same. */
  readonly parquet?: true;
  /** Only of a child table: its rows are made of the records of another, and written together with theirs or not at all. */
  readonly parent?: ParentSpec;
  /** Only where rules over the whole set hold for its rows: see `model/rule-set.ts`. */
  readonly set?: SetRules;
  /** Changes when the rows that the same input would give may change. 64 hex digits. */
  readonly codeVersion: string;
  /** What the code version is the hash of. */
  readonly code?: CodeDescription;
  /** Of the text of the functions that make its rows, which the code version leaves out; undefined where there are none. */
  readonly functionDigest?: string;
}

/** What says to which window an object belongs: the time in its name, or the instant in which it was last written. */
export type HourRule = 'keyTime' | 'lastModified';

/** Objects that somebody else writes, in a bucket. */
export interface S3SourceSpec {
  readonly kind: 's3';
  readonly bucket: string;
  /** The key with placeholders: see `model/key-pattern.ts`. It tells a time by the rule `keyTime`, and by no other. */
  readonly pattern: string;
  /** What `{table}` can stand for: a file's name chooses the table of its records. Only where the pattern has it. */
  readonly tables?: readonly string[];
  readonly hourOf: HourRule;
  /** How far the clock in the names is ahead of UTC, in minutes: -180 for `-03:00`. 0 where they tell no time. */
  readonly clockOffsetMinutes: number;
  /** Lines of JSON where it is not said. */
  readonly format?: FileFormat;
}

/** Documents that somebody else serves, under addresses that tell their time. */
export interface HttpSourceSpec {
  readonly kind: 'http';
  /** What follows the base, from its `/` on, with placeholders: see `model/list-addresses.ts`. */
  readonly pattern: string;
  /** What stands before `pattern`, without a `/` at its end; undefined until configuration says it. */
  readonly base: string | undefined;
  readonly clockOffsetMinutes: number;
  /** Lines of JSON where it is not said. */
  readonly format?: FileFormat;
}

/** How often a foreign system may be asked, by all pipelines that name its pool, in all workers of a warehouse. */
export interface PoolLimit {
  readonly pool: string;
  readonly perSecond: number;
}

/** A function of the user's yields the records: there is nothing to list. */
export interface CodeSourceSpec {
  readonly kind: 'code';
  /** Raised by the author when the function may yield other records for the same window. */
  readonly version: number;
  /** Of the function's text, which the code version leaves out: see `model/asset-code.ts`. */
  readonly functionDigest?: string;
  readonly limit: PoolLimit | undefined;
  /** An attempt that takes longer is given up. */
  readonly timeoutMs: number;
}

/** Where a pipeline's records come from. */
export type SourceSpec = S3SourceSpec | HttpSourceSpec | CodeSourceSpec;

/** A pipeline as plain data: all that pure code needs to plan, explain and check it. Contracts stand beside it. */
export interface PipelineSpec extends About {
  readonly name: PipelineName;
  readonly source: SourceSpec;
  readonly window: WindowSpec;
  /** How long after its end a window is left alone, so that late writers can finish. */
  readonly settleMs: number;
  /** How long after its end a window is watched for late, changed and removed files. */
  readonly latenessMs: number;
  /** A window is promised to be published this long after its end; undefined promises nothing. */
  readonly promiseMs: number | undefined;
  /** The start of the first window that is promised; left out: those since the pipeline's schedule was made. */
  readonly promisedFrom?: Instant;
  /** Where its days begin, for what is done daily: a name such as `Europe/Zagreb`; UTC where it is left out. */
  readonly zone?: string;
  /** The field whose value chooses a record's table; undefined where there is only one, or files' names choose. */
  readonly splitBy: string | undefined;
  /** The merged object of a window, an asset of its own. */
  readonly events: { readonly asset: AssetKey; readonly codeVersion: string; readonly code?: CodeDescription };
  /** A child table comes after its parent. */
  readonly tables: readonly TableSpec[];
}
