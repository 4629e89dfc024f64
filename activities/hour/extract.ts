import { cancellationSignal } from '@temporalio/activity';
import { freezeManifest } from '../../lake/freeze-manifest.ts';
import { listPartition } from '../../lake/list-partition.ts';
import { manifestDigest } from '../../lake/manifest-digest.ts';
import { partitionPrefix } from '../../lake/object-keys.ts';
import { awaitedDocuments } from '../../model/awaited-documents.ts';
import { findMade, keepMade } from '../../model/find-made.ts';
import { getListedSource } from '../../model/get-listed-source.ts';
import type { HourResult } from '../../model/hour-run.ts';
import type { PartitionRef } from '../../model/partition.ts';
import { isNothing } from '../../model/source-object.ts';
import type { StoredObject } from '../../model/source-object.ts';
import { windowOf } from '../../model/window.ts';
import { claimFence } from '../../warehouse/claim-fence.ts';
import type { Fence } from '../../warehouse/fence.ts';
import { forgetFailure } from '../../warehouse/forget-failure.ts';
import { readVisible } from '../../warehouse/read-ledger.ts';
import { getPipeline } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';

export interface ExtractInput {
  readonly partition: PartitionRef;
  readonly force: boolean;
  readonly until: 'merge' | undefined;
}

/** What a listing of the source came to. */
export type Extracted =
  | { readonly state: 'unchanged'; readonly result: HourResult }
  /** None of its documents is published yet. Not in histories from before such windows waited. */
  | { readonly state: 'waiting'; readonly result: HourResult }
  | {
      readonly state: 'listed';
      /** What this run must still hold when it publishes. */
      readonly fence: Fence;
      readonly manifest: StoredObject;
      /** The manifest's own digest: the version of the window's input. */
      readonly inputDigest: string;
      readonly files: number;
      /** Of the objects that are to be read. Absent in histories from before it was told. */
      readonly bytes?: number;
    };

/**
 * Lists the window's source objects and freezes the list in the lake. The fence is claimed first: whoever listed later
 * knows more, so its publish must win over that of any run before it. Documents that are not there yet make nothing, also
 * where they were there before: only when reconcile asks for them no more, nothing is what the window is made of.
 */
export async function extract(
  { lake, warehouse, pipelines }: Dependencies,
  { partition, force, until }: ExtractInput,
): Promise<Extracted> {
  const { spec } = getPipeline({ pipelines }, partition.pipeline);
  const fence = await claimFence(warehouse, partition);
  const signal = cancellationSignal();
  const manifest = await listPartition(lake, getListedSource(spec), windowOf(spec.window, partition.start), { signal });
  const inputDigest = manifestDigest(manifest);

  const visible = await readVisible(warehouse.sql, partition);
  const awaited = isNothing(manifest) ? awaitedDocuments(spec, partition.start, Date.now()) : undefined;
  if (awaited) {
    await forgetFailure(warehouse, partition);
    return { state: 'waiting', result: keepMade(spec, visible, awaited) };
  }

  const made = force ? undefined : findMade(spec, visible, inputDigest, until);
  if (made) return { state: 'unchanged', result: made };

  const frozen = await freezeManifest(lake, manifest, {
    prefix: partitionPrefix('manifests', spec.window, partition),
    signal,
  });
  return {
    state: 'listed',
    fence,
    manifest: frozen,
    inputDigest,
    files: manifest.objects.length + manifest.skipped.length + manifest.rejected.length,
    bytes: manifest.objects.reduce((sum, { size }) => sum + size, 0),
  };
}
