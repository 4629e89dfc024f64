import { cancellationSignal } from '@temporalio/activity';
import { bundleFiles } from '../../lake/bundle-files.ts';
import { SourceChangedError } from '../../lake/errors.ts';
import { mergeObjects } from '../../lake/merge-objects.ts';
import { partitionPrefix } from '../../lake/object-keys.ts';
import { readManifest } from '../../lake/read-manifest.ts';
import { assertFileCounts } from '../../model/counts.ts';
import type { FileCounts } from '../../model/counts.ts';
import { formatOf, queryOf } from '../../model/file-format.ts';
import { getListedSource } from '../../model/get-listed-source.ts';
import type { PartitionRef } from '../../model/partition.ts';
import type { StoredObject } from '../../model/source-object.ts';
import type { Fence } from '../../warehouse/fence.ts';
import { getPipeline } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';
import { openSuppression } from '../erase/open-suppression.ts';
import { publishMerged } from './publish-merged.ts';

export interface MergeInput {
  readonly partition: PartitionRef;
  readonly fence: Fence;
  readonly manifest: StoredObject;
  readonly inputDigest: string;
}

/** A window's merged object, and what transform and load need to know of its making. */
export interface Merged {
  readonly state: 'merged';
  readonly fence: Fence;
  readonly inputDigest: string;
  readonly object: StoredObject;
  readonly files: FileCounts;
  /** Of the suppression list by which it was made. Absent where there is none, and in histories from before there were any. */
  readonly suppression?: number;
}

/** A file was no longer what the listing showed; there is a new listing to be made. */
export interface SourceChanged {
  readonly state: 'source_changed';
  readonly reason: string;
}

/**
 * Reads every object of the manifest and writes one merged object that holds all their lines. It is an asset of its
 * own, so its ledger row is committed here: runs `--until merge` end with it, runs `--from transform` begin with it.
 */
export async function merge(
  dependencies: Dependencies,
  { partition, fence, manifest: frozen, inputDigest }: MergeInput,
): Promise<Merged | SourceChanged> {
  const { lake, pipelines } = dependencies;
  const { spec } = getPipeline({ pipelines }, partition.pipeline);
  const signal = cancellationSignal();
  const [manifest, suppression] = await Promise.all([
    readManifest(lake, frozen, { signal }),
    openSuppression(dependencies, spec),
  ]);
  try {
    const from = getListedSource(spec).kind;
    const prefix = partitionPrefix('raw', spec.window, partition);
    const { object, files } = queryOf(spec.source)
      ? await bundleFiles(lake, { manifest, from, prefix, signal })
      : await mergeObjects(lake, {
          ...{ manifest, from, format: formatOf(spec.source), prefix, signal },
          change: suppression?.change,
        });
    assertFileCounts(files);
    const made = { partition, fence, inputDigest, object, files, suppression, signal };
    return await publishMerged(dependencies, spec, made);
  } catch (error) {
    if (!(error instanceof SourceChangedError)) throw error;
    return { state: 'source_changed', reason: error.message };
  }
}
