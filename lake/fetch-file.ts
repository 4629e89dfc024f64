import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { OutageError } from '../model/outage-error.ts';
import { DocumentsUnreachableError } from './document-errors.ts';
import { SourceChangedError, StorageUnreachableError } from './errors.ts';
import { openDocumentPart, openObjectPart } from './open-part.ts';
import type { SourcePart } from './open-part.ts';
import type { Lake } from './open-lake.ts';
import type { ListedKind } from './read-source.ts';
import type { SourceRead } from './read-source-object.ts';
import type { TemporaryFile } from './temporary-file.ts';

/** So often in a row nothing new may come before the fetch is given up; the step's own tries begin it again. */
const MAX_FRUITLESS = 4;
/** So often it may be cut in all, however much came in between. */
const MAX_CUTS = 100;
const FIRST_PAUSE_MS = 50;

/** Where the bytes go, and who wants to know of each chunk. */
export interface FetchInto {
  readonly file: TemporaryFile;
  readonly onProgress?: (() => void) | undefined;
}

/**
 * Fetches a source object into a temporary file: exactly the version that was listed, its length verified, and its
 * digest where the version says one. Where the connection is cut, it goes on with the bytes that are missing. Throws a
 * `SourceChangedError` when the object is another version or gone.
 */
export async function fetchFile(lake: Lake, kind: ListedKind, read: SourceRead, into: FetchInto): Promise<void> {
  const open = kind === 's3' ? openObjectPart : openDocumentPart;
  const { file } = into;
  let hash: Hash | undefined;
  let fruitless = 0;
  for (let cuts = 0; ; cuts += 1) {
    const before = file.size;
    try {
      const part = await open(lake, read, before);
      if (part.offset === 0) {
        await file.clear();
        hash = part.digest && createHash(part.digest.algorithm);
      }
      await takeIn(part, read.object, { ...into, hash });
      if (file.size < read.object.size)
        throw outage(lake, kind, read, `${file.size} of its ${read.object.size} bytes came`);
      if (!hash || hash.digest('hex') === part.digest?.hex) return;
      await file.clear();
      throw outage(lake, kind, read, 'other bytes came than it has');
    } catch (error) {
      if (!(error instanceof OutageError)) throw error;
      fruitless = file.size > before ? 0 : fruitless + 1;
      if (fruitless === MAX_FRUITLESS || cuts === MAX_CUTS) throw error;
      await pause(error, fruitless, read.signal);
    }
  }
}

async function takeIn(
  { chunks, close }: SourcePart,
  { key, size }: SourceRead['object'],
  { file, onProgress, hash }: FetchInto & { readonly hash: Hash | undefined },
): Promise<void> {
  try {
    for await (const chunk of chunks) {
      if (file.size + chunk.length > size) throw new SourceChangedError(key, `more than its ${size} bytes came`);
      hash?.update(chunk);
      await file.write(chunk);
      onProgress?.();
    }
  } finally {
    close();
  }
}

async function pause(error: OutageError, fruitless: number, signal: AbortSignal | undefined): Promise<void> {
  const askedMs = error instanceof DocumentsUnreachableError ? error.retryAfterMs : 0;
  const pauseMs = Math.max(askedMs, FIRST_PAUSE_MS * 2 ** fruitless * (0.5 + Math.random()));
  await sleep(pauseMs, undefined, signal === undefined ? {} : { signal });
}

function outage(lake: Lake, kind: ListedKind, { bucket, object }: SourceRead, why: string): OutageError {
  if (kind === 'http') return new DocumentsUnreachableError(`${bucket}${object.key}`, why);
  return new StorageUnreachableError(lake.at, `reading ${JSON.stringify(object.key)} failed, ${why}`);
}
