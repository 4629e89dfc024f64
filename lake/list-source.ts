import type { S3SourceSpec } from '../model/pipeline-spec.ts';
import type { Lake } from './open-lake.ts';
import type { ListLimit } from './errors.ts';
import { SourceTooLargeError } from './errors.ts';
import { linkAbort } from './link-abort.ts';
import { LIST_LIMIT, listObjects } from './list-objects.ts';
import type { ListedObject } from './list-objects.ts';

export interface ListSourceOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called after each page with the number of objects so far. */
  readonly onProgress?: ((objects: number) => void) | undefined;
}

/** What to list of a source, how far, and what of it to hold. */
export interface SourceListing {
  readonly prefixes: readonly string[];
  /** Of one prefix. */
  readonly limit: ListLimit;
  /** What is not kept costs time and no memory. */
  readonly keep: (object: ListedObject) => boolean;
}

/**
 * Lists a source's prefixes, which are few, side by side; when one fails, the others are given up. In no order. However
 * far it lists, it holds no more than `LIST_LIMIT` objects.
 */
export async function listSource(
  lake: Lake,
  { bucket }: S3SourceSpec,
  { prefixes, limit, keep }: SourceListing,
  { signal, onProgress }: ListSourceOptions,
): Promise<readonly ListedObject[]> {
  const requests = linkAbort(signal);
  const found: ListedObject[] = [];
  let seen = 0;
  const listPrefix = async (prefix: string): Promise<void> => {
    const use = { bucket, role: 'source' } as const;
    const progress = () => onProgress?.(seen);
    const listing = listObjects(lake, { use, prefix, limit, signal: requests.signal, onProgress: progress });
    for await (const object of listing) {
      seen += 1;
      if (!keep(object)) continue;
      if (found.length === LIST_LIMIT.objects) {
        throw new SourceTooLargeError(bucket, prefix, { ...limit, objects: LIST_LIMIT.objects });
      }
      found.push(object);
    }
  };
  try {
    await Promise.all(prefixes.map(listPrefix));
  } finally {
    requests.giveUp();
  }
  return found;
}
