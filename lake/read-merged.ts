import type { StoredObject } from '../model/source-object.ts';
import type { Lake } from './open-lake.ts';
import { StoredObjectLostError } from './errors.ts';
import { GzipDamagedError, gunzip } from './gunzip.ts';
import { parseSegments } from './merged-format.ts';
import type { MergedSegment } from './merged-format.ts';
import { readStored } from './read-stored.ts';
import type { StoredRead } from './read-stored.ts';

/**
 * Streams a merged object's segments (`merged-format.ts`), holding about one at a time. What it yielded counts only
 * when it ends without an error: the object's size and digest are known at the end.
 */
export async function* readMerged(
  lake: Lake,
  object: StoredObject,
  options: StoredRead = {},
): AsyncGenerator<MergedSegment> {
  try {
    yield* parseSegments(gunzip(readStored(lake, object, options)));
  } catch (error) {
    if (!(error instanceof GzipDamagedError)) throw error;
    throw new StoredObjectLostError(object.key, `is damaged: ${error.message}`, { cause: error });
  }
}
