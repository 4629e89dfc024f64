import { parseKeyPattern } from '../model/key-pattern.ts';
import { listPrefixes } from '../model/list-prefixes.ts';
import { matchKey } from '../model/match-key.ts';
import type { S3SourceSpec } from '../model/pipeline-spec.ts';
import type { Manifest, SourceObject } from '../model/source-object.ts';
import type { Window } from '../model/window.ts';
import type { Lake } from './open-lake.ts';
import { SourceTooLargeError } from './errors.ts';
import { linkAbort } from './link-abort.ts';
import { MAX_LISTED, listObjects } from './list-objects.ts';

export interface ListWindowOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called after each page with the number of objects so far. */
  readonly onProgress?: ((objects: number) => void) | undefined;
}

/**
 * Lists a window's source objects, sorted by the bytes of their keys, so that the same objects always give the same
 * manifest. Files of other windows under the same prefix are left out; what is no file of the pipeline is `skipped`,
 * and what was meant to be one but has an impossible name is `rejected`.
 *
 * Throws `SourceMissingError`, `SourceRefusedError`, `SourceTooLargeError`; an outage is a `StorageUnreachableError`.
 */
export async function listWindow(
  lake: Lake,
  source: S3SourceSpec,
  window: Window,
  options: ListWindowOptions = {},
): Promise<Manifest> {
  const pattern = parseKeyPattern(source.pattern);
  const listed = await listAll(lake, source, listPrefixes(pattern, window, source.clockOffsetMinutes), options);

  const objects: SourceObject[] = [];
  const skipped: SourceObject[] = [];
  const rejected: SourceObject[] = [];
  for (const object of listed) {
    const match = matchKey(pattern, object.key, source.clockOffsetMinutes);
    if (match.kind === 'skip') skipped.push(object);
    else if (match.kind === 'reject') rejected.push(object);
    else if (match.at >= window.start && match.at < window.end) objects.push(object);
  }
  return { bucket: source.bucket, objects, skipped, rejected };
}

/** Prefixes are few and listed side by side; when one fails, the others are given up. */
async function listAll(
  lake: Lake,
  source: S3SourceSpec,
  prefixes: readonly string[],
  { signal, onProgress }: ListWindowOptions,
): Promise<readonly SourceObject[]> {
  const requests = linkAbort(signal);
  const found: SourceObject[] = [];
  const listPrefix = async (prefix: string): Promise<void> => {
    const use = { bucket: source.bucket, role: 'source' } as const;
    const progress = () => onProgress?.(found.length);
    for await (const { key, size, etag } of listObjects(lake, {
      use,
      prefix,
      signal: requests.signal,
      onProgress: progress,
    })) {
      if (found.length === MAX_LISTED) throw new SourceTooLargeError(source.bucket, prefix, MAX_LISTED);
      found.push({ key, size, etag });
    }
  };
  try {
    await Promise.all(prefixes.map(listPrefix));
  } finally {
    requests.giveUp();
  }
  return sortByKey(found);
}

/** By UTF-8 bytes, as S3 does; JavaScript's own order of strings differs beyond the Basic Multilingual Plane. */
function sortByKey(objects: readonly SourceObject[]): readonly SourceObject[] {
  return objects
    .map((object) => ({ object, bytes: Buffer.from(object.key) }))
    .sort((one, other) => Buffer.compare(one.bytes, other.bytes))
    .map(({ object }) => object);
}
