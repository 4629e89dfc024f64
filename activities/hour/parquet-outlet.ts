import type { Lake } from '../../lake/open-lake.ts';
import type { ParquetWriter } from '../../lake/open-parquet-writer.ts';
import type { TableSpec } from '../../model/pipeline-spec.ts';
import type { StoredObject } from '../../model/source-object.ts';
import { isEmptyCopy } from '../../record/copy-fields.ts';

export interface ParquetOutletOptions {
  /** The folder of the table's file. */
  readonly prefixOf: (table: TableSpec) => string;
  readonly signal: AbortSignal;
}

/** Takes the rows that the road hands over and writes them as Parquet when it rests. DuckDB is loaded with the first row. */
export class ParquetOutlet {
  readonly #lake: Lake;
  readonly #options: ParquetOutletOptions;
  readonly #begun = new Set<string>();
  #writer: Promise<ParquetWriter> | undefined;
  #waiting: { readonly table: TableSpec; readonly chunk: Buffer }[] = [];

  constructor(lake: Lake, options: ParquetOutletOptions) {
    this.#lake = lake;
    this.#options = options;
  }

  /** Keeps the chunk, which must not change any more. */
  add(table: TableSpec, chunk: Buffer): void {
    if (!this.#begun.has(table.name) && isEmptyCopy(chunk)) return;
    this.#begun.add(table.name);
    this.#waiting.push({ table, chunk });
  }

  async drain(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { table, chunk } of waiting) await (await this.#open()).append(table, chunk);
  }

  async put(table: TableSpec): Promise<StoredObject> {
    const { prefixOf, signal } = this.#options;
    return (await this.#open()).put(table, { prefix: prefixOf(table), signal });
  }

  async dispose(): Promise<void> {
    await (await this.#writer)?.dispose();
  }

  #open(): Promise<ParquetWriter> {
    return (this.#writer ??= import('../../lake/open-parquet-writer.ts').then((module) =>
      module.openParquetWriter(this.#lake),
    ));
  }
}
