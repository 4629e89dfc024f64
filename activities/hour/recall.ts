import { digestOfMerged } from '../../lake/object-keys.ts';
import { readEventCounts } from '../../model/event-counts.ts';
import { queryOf } from '../../model/file-format.ts';
import { formatPartition } from '../../model/window.ts';
import { hasPii } from '../../model/pii-fields.ts';
import type { PartitionRef } from '../../model/partition.ts';
import { TerminalError } from '../../model/terminal-error.ts';
import { claimFence } from '../../warehouse/claim-fence.ts';
import { readSuppression } from '../../warehouse/read-suppression.ts';
import { readVisible } from '../../warehouse/read-ledger.ts';
import { getPipeline } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';
import type { Merged } from './merge.ts';

/** A run was to begin with the lake's merged object, and there is none. */
export class NotMergedError extends TerminalError {
  constructor(pipeline: string, partition: string) {
    super(
      `The lake has no merged object of ${pipeline} ${partition}. Run it once without --from, or with --until merge.`,
    );
    this.name = 'NotMergedError';
  }
}

/** Finds the merged object that the ledger points to, in place of extract and merge. The source is not touched. */
export async function recall({ warehouse, pipelines }: Dependencies, partition: PartitionRef): Promise<Merged> {
  const { spec } = getPipeline({ pipelines }, partition.pipeline);
  const fence = await claimFence(warehouse, partition);
  // Whoever is put on the list after this is looked for in what this run publishes, or keeps it from publishing.
  const list = hasPii(spec) ? await readSuppression(warehouse.sql, spec.name) : undefined;
  const visible = await readVisible(warehouse.sql, partition);
  const events = visible.find(({ asset }) => asset === spec.events.asset);
  const key = events?.objectKey;
  const digest = key === undefined ? undefined : digestOfMerged(key, queryOf(spec.source));
  if (!events || key === undefined || digest === undefined) {
    throw new NotMergedError(spec.name, formatPartition(spec.window, partition.start));
  }
  const { files, bytes } = readEventCounts(events.counts);
  const by = list ? { suppression: list.sequence } : {};
  return {
    state: 'merged',
    fence,
    inputDigest: events.inputDigest,
    object: { key, size: bytes, digest },
    files,
    ...by,
  };
}
