import { cancellationSignal } from '@temporalio/activity';
import { deleteStored } from '../../lake/delete-stored.ts';
import { partitionPrefix } from '../../lake/object-keys.ts';
import type { Lake } from '../../lake/open-lake.ts';
import { readBundle, recountFiles } from '../../lake/read-bundle.ts';
import { readMerged } from '../../lake/read-merged.ts';
import { openStoredWriter } from '../../lake/stored-writer.ts';
import type { StoredWriter } from '../../lake/stored-writer.ts';
import { parquetPrefix } from '../../model/hive-layout.ts';
import type { FileCounts, LineCounts } from '../../model/counts.ts';
import type { FieldDrift, NulledField } from '../../model/field-drift.ts';
import { queryOf } from '../../model/file-format.ts';
import { hasPii } from '../../model/pii-fields.ts';
import type { PartitionRef } from '../../model/partition.ts';
import type { PipelineSpec, TableSpec } from '../../model/pipeline-spec.ts';
import type { StoredObject } from '../../model/source-object.ts';
import { windowOf } from '../../model/window.ts';
import { createRecordRoad } from '../../record/create-record-road.ts';
import { assertNewestCode } from '../../warehouse/assert-newest-code.ts';
import { assertNotRisen, SuppressionRisenError } from '../../warehouse/lock-suppression.ts';
import { pipelineCode } from '../../warehouse/pipeline-code.ts';
import { readVisible } from '../../warehouse/read-ledger.ts';
import { getPipeline } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';
import type { Merged } from './merge.ts';
import { ParquetOutlet } from './parquet-outlet.ts';

export interface TransformInput {
  readonly partition: PartitionRef;
  readonly merged: Merged;
}

/** Rows that wait in the lake to be loaded, encoded as COPY BINARY takes them. */
export interface StagedTable {
  readonly table: string;
  /** Null where there are no rows: an object that says nothing costs as much as one that does. */
  readonly object: StoredObject | null;
  /** The same rows as readers of the lake take them. Only where the definition says so and there are rows. */
  readonly parquet?: StoredObject;
  readonly lines: LineCounts;
  /** Of the code that wrote the rows. Absent in histories from before there were several. */
  readonly codeVersion?: string;
}

/** All that a window's load needs. */
export interface Staged {
  readonly tables: readonly StagedTable[];
  readonly quarantine: { readonly object: StoredObject | null; readonly rows: number };
  readonly lines: LineCounts;
  /** Fields that records have and their contracts do not know, the most frequent first. */
  readonly drift: readonly FieldDrift[];
  /** Fields whose misfits became null, likewise. */
  readonly nulled: readonly NulledField[];
  /** Only where a statement made the records of whole files. */
  readonly queried?: QueriedCounts;
}

/** What is known of whole files once they were opened. */
export interface QueriedCounts {
  readonly files: FileCounts;
  /** In all files that could be read. */
  readonly rows: number;
  /** Of these rows, those whose time is another window's, or none. */
  readonly outside: number;
}

/**
 * Carries every line of the merged object along the record's road, and stages what comes of it: one object of rows for
 * each table that has any, and one of what is held back. Between two segments other work of this process goes on.
 */
export async function transform(
  { lake, warehouse, pipelines }: Pick<Dependencies, 'lake' | 'warehouse' | 'pipelines'>,
  { partition, merged }: TransformInput,
): Promise<Staged> {
  const pipeline = getPipeline({ pipelines }, partition.pipeline);
  await assertNewestCode(warehouse.sql, [pipelineCode(pipeline.spec)]);
  const signal = cancellationSignal();
  const prefix = partitionPrefix('staged', pipeline.spec.window, partition);
  const outlets = new Outlets(lake, prefix, signal);
  const parquet = new ParquetOutlet(lake, {
    prefixOf: (table) => parquetPrefix(pipeline.spec.window, table.asset, partition.start),
    signal,
  });
  try {
    const road = createRecordRoad(pipeline, {
      rows: (table, chunk) => {
        outlets.add(table.name, chunk);
        if (table.parquet === true) parquet.add(table, chunk);
      },
      quarantine: (chunk) => outlets.add(QUARANTINE, chunk),
    });
    let queried: QueriedCounts | undefined;
    const query = queryOf(pipeline.spec.source);
    const segments = query
      ? readBundle(lake, merged.object, {
          query,
          window: windowOf(pipeline.spec.window, partition.start),
          signal,
          onRead: (read) => {
            const { rows, inWindow } = read;
            queried = { files: recountFiles(merged.files, read), rows, outside: rows - inWindow };
          },
        })
      : readMerged(lake, merged.object, { signal });
    for await (const segment of segments) {
      road.push(segment);
      await outlets.drain();
      await parquet.drain();
    }
    const { lines, tables, quarantineRows, drift, nulled } = road.finish();
    await outlets.drain();
    await parquet.drain();
    const stage = async (name: string, rows: number) => (rows === 0 ? null : outlets.put(name));
    const stageTable = async (table: TableSpec): Promise<StagedTable> => {
      const { name, codeVersion } = table;
      const counts = findCounts(tables, name);
      const isParquet = table.parquet === true && counts.good > 0;
      const [object, file] = await Promise.all([stage(name, counts.good), isParquet ? parquet.put(table) : undefined]);
      return { table: name, object, ...(file && { parquet: file }), lines: counts, codeVersion };
    };
    const [object, staged] = await Promise.all([
      stage(QUARANTINE, quarantineRows),
      Promise.all(pipeline.spec.tables.map(stageTable)),
    ]);
    const rows = [object, ...staged.flatMap((table) => [table.object, table.parquet ?? null])];
    await assertNobodyErased({ lake, warehouse }, { spec: pipeline.spec, partition, merged, rows });
    return {
      tables: staged,
      quarantine: { object, rows: quarantineRows },
      lines,
      drift,
      nulled,
      ...(queried && { queried }),
    };
  } finally {
    await outlets.dispose();
    await parquet.dispose();
  }
}

/** Rows of a person who was erased meanwhile would lie in the lake after the erasure has looked there. */
async function assertNobodyErased(
  { lake, warehouse }: Pick<Dependencies, 'lake' | 'warehouse'>,
  {
    spec,
    partition,
    merged,
    rows,
  }: TransformInput & { readonly spec: PipelineSpec; readonly rows: readonly (StoredObject | null)[] },
): Promise<void> {
  if (!hasPii(spec)) return;
  try {
    await assertNotRisen(warehouse.sql, { pipeline: spec.name, sequence: merged.suppression ?? 0 });
  } catch (error) {
    if (error instanceof SuppressionRisenError) {
      // The same rows may be what the window shows.
      const named = (await readVisible(warehouse.sql, partition)).map(({ objectKey }) => objectKey);
      for (const row of rows) if (row && !named.includes(row.key)) await deleteStored(lake, row.key);
    }
    throw error;
  }
}

/** No table's name: those begin with a letter. */
const QUARANTINE = '_quarantine';

/** The objects that a transform writes, by name. The road hands chunks over; they are written when it rests. */
class Outlets {
  readonly #lake: Lake;
  readonly #prefix: string;
  readonly #signal: AbortSignal;
  readonly #writers = new Map<string, StoredWriter>();
  #waiting: { readonly writer: StoredWriter; readonly chunk: Buffer }[] = [];

  constructor(lake: Lake, prefix: string, signal: AbortSignal) {
    this.#lake = lake;
    this.#prefix = prefix;
    this.#signal = signal;
  }

  add(name: string, chunk: Buffer): void {
    const writer =
      this.#writers.get(name) ??
      openStoredWriter(this.#lake, { prefix: this.#prefix, suffix: `.${name}.copy`, signal: this.#signal });
    this.#writers.set(name, writer);
    this.#waiting.push({ writer, chunk });
  }

  async drain(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { writer, chunk } of waiting) await writer.write(chunk);
  }

  async put(name: string): Promise<StoredObject> {
    const writer = this.#writers.get(name);
    if (!writer) throw new RangeError(`No rows came for "${name}", which has some. Please report this as a bug.`);
    return writer.put();
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.#writers.values()].map((writer) => writer.dispose()));
  }
}

function findCounts(counts: Readonly<Record<string, LineCounts>>, table: string): LineCounts {
  const found = counts[table];
  if (!found) throw new RangeError(`Nothing was counted for "${table}". Please report this as a bug.`);
  return found;
}
