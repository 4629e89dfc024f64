import { cancellationSignal } from '@temporalio/activity';
import type { Lake } from '../../lake/open-lake.ts';
import { readStored } from '../../lake/read-stored.ts';
import { writeEventCounts } from '../../model/event-counts.ts';
import type { NulledCount } from '../../model/ledger-entry.ts';
import { makeRunCounts } from '../../model/hour-run.ts';
import type { HourResult } from '../../model/hour-run.ts';
import type { PartitionRef } from '../../model/partition.ts';
import type { TableSpec } from '../../model/pipeline-spec.ts';
import type { StoredObject } from '../../model/source-object.ts';
import { publish } from '../../warehouse/publish.ts';
import { getPipeline } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';
import type { Merged } from './merge.ts';
import type { Staged, StagedTable } from './transform.ts';

export interface LoadInput {
  readonly partition: PartitionRef;
  readonly merged: Merged;
  readonly staged: Staged;
}

/**
 * Publishes the window: all of its tables, its quarantine and its ledger in one transaction, in place of what was
 * there. The merged object's own entry is written again, now that its lines are counted.
 */
export async function load(
  { lake, warehouse, pipelines }: Dependencies,
  { partition, merged, staged }: LoadInput,
): Promise<HourResult> {
  const { spec } = getPipeline({ pipelines }, partition.pipeline);
  const signal = cancellationSignal();
  const { fence, inputDigest, object, files } = merged;
  const tables = spec.tables.map((table) => ({ table, staged: findStaged(staged, table) }));

  await publish(warehouse, {
    partition,
    fence,
    signal,
    copies: tables.map(({ table, staged: { object: rows, lines } }) => ({
      table,
      rows: lines.good,
      chunks: () => readStaged(lake, rows, signal),
    })),
    quarantine: { rows: staged.quarantine.rows, chunks: () => readStaged(lake, staged.quarantine.object, signal) },
    ledger: [
      {
        asset: spec.events.asset,
        codeVersion: spec.events.codeVersion,
        inputDigest,
        rowCount: 0,
        counts: writeEventCounts({ files, bytes: object.size, lines: staged.lines }),
        objectKey: object.key,
      },
      ...tables.map(({ table: { asset, codeVersion, name }, staged: { lines } }) => ({
        asset,
        codeVersion,
        inputDigest,
        rowCount: lines.good,
        counts: { ...lines, ...countNulled(staged, name) },
        objectKey: undefined,
      })),
    ],
  });

  return {
    outcome: 'made',
    data: files.listed === 0 ? 'empty' : 'fresh',
    counts: makeRunCounts(files, staged.lines),
    rows: Object.fromEntries(tables.map(({ table, staged: { lines } }) => [table.asset, lines.good])),
  };
}

async function* readStaged(
  lake: Lake,
  object: StoredObject | null,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  if (object) yield* readStored(lake, object, { signal });
}

/** Values that became null are no quarantine, so the ledger alone tells of them when the run is forgotten. */
function countNulled({ nulled }: Staged, table: string): Partial<NulledCount> {
  const count = nulled.filter((field) => field.table === table).reduce((sum, { records }) => sum + records, 0);
  return count === 0 ? {} : { nulled: count };
}

/** What transform staged for this table. The run began with another set of tables where it is not there. */
function findStaged({ tables }: Staged, { name }: TableSpec): StagedTable {
  const staged = tables.find(({ table }) => table === name);
  if (!staged)
    throw new RangeError(
      `Nothing was staged for table "${name}": it was declared while this run was under way. Run the window again.`,
    );
  return staged;
}
