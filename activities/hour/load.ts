import { cancellationSignal } from '@temporalio/activity';
import type { Lake } from '../../lake/open-lake.ts';
import { readStored } from '../../lake/read-stored.ts';
import { assertFileCounts } from '../../model/counts.ts';
import { writeEventCounts } from '../../model/event-counts.ts';
import type { LedgerCounts, NulledCount } from '../../model/ledger-entry.ts';
import { makeRunCounts } from '../../model/hour-run.ts';
import type { HourResult } from '../../model/hour-run.ts';
import { hasPii } from '../../model/pii-fields.ts';
import type { PartitionRef } from '../../model/partition.ts';
import type { PipelineSpec, TableSpec } from '../../model/pipeline-spec.ts';
import type { StoredObject } from '../../model/source-object.ts';
import { windowOf } from '../../model/window.ts';
import { publishChecked } from '../checks/publish-checked.ts';
import { TerminalError } from '../../model/terminal-error.ts';
import { assertNewestCode } from '../../warehouse/assert-newest-code.ts';
import { pipelineCode } from '../../warehouse/pipeline-code.ts';
import { getPipeline } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';
import { askForErasures } from '../erase/ask-for-erasures.ts';
import type { Merged } from './merge.ts';
import type { Staged, StagedTable } from './transform.ts';

/** The rows that wait to be loaded were made by code that is not this worker's. The run begins again by itself. */
export class OtherCodeError extends TerminalError {
  constructor(pipeline: string) {
    super(`The definitions of ${pipeline} changed while this run was under way. Run the window again.`);
    this.name = 'OtherCodeError';
  }
}

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
  { lake, warehouse, pipelines, checkFunctions, erasureKeys }: Dependencies,
  { partition, merged, staged }: LoadInput,
): Promise<HourResult> {
  const { spec } = getPipeline({ pipelines }, partition.pipeline);
  const signal = cancellationSignal();
  const { fence, inputDigest, object } = merged;
  const { files } = staged.queried ?? merged;
  assertFileCounts(files);
  await assertOwnCode(warehouse, spec, staged);
  const tables = spec.tables.map((table) => ({ table, staged: findStaged(staged, table) }));
  const arrived = tables.filter(({ staged: { lines } }) => lines.good > 0).map(({ table }) => table);

  const { failedChecks } = await publishChecked(
    { warehouse, checkFunctions },
    {
      partition,
      fence,
      code: pipelineCode(spec),
      window: windowOf(spec.window, partition.start),
      drift: staged.drift,
      also: askForErasures({ erasureKeys }, spec, { partition, fence, arrived }),
      ...(hasPii(spec) ? { suppression: { pipeline: spec.name, sequence: merged.suppression ?? 0 } } : {}),
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
        ...tables.map(({ table: { asset, codeVersion, name }, staged: { lines, parquet } }) => ({
          asset,
          codeVersion,
          inputDigest,
          rowCount: lines.good,
          counts: {
            ...lines,
            ...countNulled(staged, name),
            ...countRead(staged),
            ...(parquet ? { bytes: parquet.size } : {}),
          },
          objectKey: parquet?.key,
        })),
      ],
    },
  );

  return {
    outcome: 'made',
    data: files.listed === 0 ? 'empty' : 'fresh',
    counts: makeRunCounts(files, staged.lines),
    rows: Object.fromEntries(tables.map(({ table, staged: { lines } }) => [table.asset, lines.good])),
    ...(failedChecks.length === 0 ? {} : { failedChecks }),
  };
}

/**
 * Another worker may have transformed, by other definitions: its rows must not be loaded as if these had made them. Where
 * its code is the newer, the next try of this step may find a worker like it; else the run begins again.
 */
async function assertOwnCode({ sql }: Dependencies['warehouse'], spec: PipelineSpec, staged: Staged): Promise<void> {
  const { tables } = spec;
  const isOwn = staged.tables.every(({ table, codeVersion }) =>
    tables.some((own) => own.name === table && (codeVersion ?? own.codeVersion) === own.codeVersion),
  );
  if (isOwn && staged.tables.length === tables.length) return;
  await assertNewestCode(sql, [pipelineCode(spec)]);
  throw new OtherCodeError(spec.name);
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

/** The rows that a statement was given, and those that were left out as another window's. */
function countRead({ queried }: Staged): LedgerCounts {
  return queried ? { fileRows: queried.rows, outsideWindow: queried.outside } : {};
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
