import type { About } from './about.ts';
import type { AssetKey } from './asset-key.ts';
import type { Mapping } from './mapping.ts';
import type { TableSpec } from './pipeline-spec.ts';
import type { Instant, WindowSpec } from './window.ts';

/** An asset that a derived one reads, and which of its partitions. */
export interface ReadSpec {
  readonly asset: AssetKey;
  readonly mapping: Mapping;
}

/** One piece of a derived asset's statement: SQL as it was written, or what stands for something of the partition. */
export type SqlPart =
  | { readonly kind: 'text'; readonly text: string }
  /** A table that is read, by its schema and name. */
  | { readonly kind: 'table'; readonly schema: string; readonly name: string }
  /** Of a table that is read, the rows of the partitions that start within the window. */
  | { readonly kind: 'in_window'; readonly asset: AssetKey; readonly schema: string; readonly name: string }
  /** What these partitions hold back of it. */
  | { readonly kind: 'held_back'; readonly asset: AssetKey }
  /** What the ledger says of these partitions of it. */
  | { readonly kind: 'makings'; readonly asset: AssetKey }
  /** The partition's window as a `tstzrange`, its end excluded. */
  | { readonly kind: 'window' };

/** How the rows of a derived asset come about. A function itself is no data: it travels beside, to the worker alone. */
export type Computation =
  | { readonly kind: 'sql'; readonly statement: readonly SqlPart[] }
  /** Its text is not compared; whoever changes what it gives raises the number. */
  | { readonly kind: 'function'; readonly version: number; readonly functionDigest?: string };

/** A table computed from other assets, as plain data. */
export interface DerivedSpec extends About {
  readonly asset: AssetKey;
  /** What time is cut into; undefined where the asset is one whole. `first` is the earliest window of what it reads. */
  readonly window: WindowSpec | undefined;
  readonly reads: readonly ReadSpec[];
  /** Whether to compute from the inputs that are there, or only from all of them. */
  readonly when: 'any' | 'complete';
  readonly computation: Computation;
  /** A window is promised to be published this long after its end; undefined promises nothing. */
  readonly promiseMs?: number | undefined;
  /** The start of the first window that is promised; left out: those since all schedules that it follows from were made. */
  readonly promisedFrom?: Instant;
  /** Its columns, key and code version. */
  readonly table: TableSpec;
}
