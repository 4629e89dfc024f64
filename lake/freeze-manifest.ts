import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Manifest, StoredObject } from '../model/source-object.ts';
import type { Lake } from './open-lake.ts';
import { putContentAddressed } from './put-content-addressed.ts';

const compress = promisify(gzip);

export interface FreezeManifestOptions {
  /** The partition's folder: `partitionPrefix('manifests', …)`. */
  readonly prefix: string;
  readonly signal?: AbortSignal | undefined;
}

/** Keeps a manifest in the lake: what an attempt read stays known, whatever happens to the source. */
export function freezeManifest(
  lake: Lake,
  manifest: Manifest,
  { prefix, signal }: FreezeManifestOptions,
): Promise<StoredObject> {
  return putContentAddressed(lake, {
    prefix,
    suffix: '.json.gz',
    write: async (sink) => sink.write(await compress(JSON.stringify(manifest), { level: 1 })),
    signal,
  });
}
