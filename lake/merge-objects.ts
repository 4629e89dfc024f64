import type { FileCounts } from '../model/counts.ts';
import { JSON_LINES } from '../model/file-format.ts';
import type { FileFormat } from '../model/file-format.ts';
import type { FileReason } from '../model/file-reason.ts';
import type { Manifest, SourceObject, StoredObject } from '../model/source-object.ts';
import type { Lake } from './open-lake.ts';
import { linkAbort } from './link-abort.ts';
import { cutSegments } from './merged-format.ts';
import { maxBytesOf, openFileReader } from './open-file-reader.ts';
import type { FileLimits, FileReader } from './open-file-reader.ts';
import { putContentAddressed } from './put-content-addressed.ts';
import { readAhead } from './read-ahead.ts';
import type { AheadRead } from './read-ahead.ts';
import { readSource, streamSource } from './read-source.ts';
import type { ListedKind } from './read-source.ts';
import type { ChangeFile } from './rewrite-merged.ts';
import { retryOutages } from './retry-outages.ts';
import { Spool } from './spool.ts';
import type { Sink } from './spool.ts';
import type { UnpackedFile } from './unpack-file.ts';
import { writeSegments } from './write-segments.ts';

export interface MergeOptions {
  readonly manifest: Manifest;
  /** Where the manifest's objects are read; in a bucket where it is not said. */
  readonly from?: ListedKind | undefined;
  /** How records stand in the files; as lines of JSON where it is not said. */
  readonly format?: FileFormat | undefined;
  /** What a file's lines become before they are written; as they are where it is left out. */
  readonly change?: ChangeFile | undefined;
  /** The partition's folder: `partitionPrefix('raw', …)`. */
  readonly prefix: string;
  readonly limits?: FileLimits | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called often, with the number of files done. */
  readonly onProgress?: ((files: number) => void) | undefined;
}

export interface MergedObject {
  readonly object: StoredObject;
  readonly files: FileCounts;
  readonly rejectedFiles: readonly RejectedFile[];
}

export interface RejectedFile {
  readonly source: string;
  readonly reason: FileReason;
  /** What is wrong with it, where the reason alone does not say it. */
  readonly detail?: string;
}

/** Larger objects are not read ahead: they are streamed when their turn comes. */
const MAX_HELD_BYTES = 8 * 1024 * 1024;
/** More at once gains nothing, and leaves room for the other windows that are merged at the same time. */
const AHEAD = { atOnce: 16, budget: 64 * 1024 * 1024 };
/** A server of documents is somebody else's, and seldom made for many at once. */
const DOCUMENTS_AHEAD = { ...AHEAD, atOnce: 4 };

/**
 * Reads every object of a manifest and writes one merged object (`merged-format.ts`), in the manifest's order. A file's
 * bytes are written only when all of it proved readable; a file that did not leaves its name and the reason. Memory
 * stays bounded whatever the window's size.
 *
 * Throws `SourceChangedError` when an object is no longer what was listed: list again, then merge again.
 */
export async function mergeObjects(lake: Lake, options: MergeOptions): Promise<MergedObject> {
  const { manifest, prefix, format = JSON_LINES, limits, signal } = options;
  let files: FileTally = { loaded: 0, empty: 0, rejectedFiles: [] };
  // When one file fails, the reads already under way are given up.
  const reads = linkAbort(signal);
  const reader = openFileReader({ format, maxBytes: maxBytesOf(format, limits), signal: reads.signal });
  const write = async (sink: Sink): Promise<void> => {
    try {
      files = await writeFiles(lake, { ...options, signal: reads.signal }, { reader, sink });
    } finally {
      await reader.close();
    }
  };
  const object = await putContentAddressed(lake, { prefix, suffix: '.jsonl.gz', signal, write }).finally(reads.giveUp);
  const { loaded, empty, rejectedFiles } = files;
  const skipped = manifest.skipped.length;
  const listed = manifest.objects.length + skipped + manifest.rejected.length;
  return { object, files: { listed, loaded, rejected: rejectedFiles.length, skipped, empty }, rejectedFiles };
}

interface FileTally {
  readonly loaded: number;
  readonly empty: number;
  readonly rejectedFiles: readonly RejectedFile[];
}

async function writeFiles(
  lake: Lake,
  options: MergeOptions,
  { reader, sink }: { readonly reader: FileReader; readonly sink: Sink },
): Promise<FileTally> {
  const writer = writeSegments(sink);
  const rejectedFiles: RejectedFile[] = [];
  const tally = { loaded: 0, empty: 0, rejectedFiles };
  const reject = async (source: string, reason: FileReason, detail?: string): Promise<void> => {
    const said = detail === undefined ? {} : { detail };
    rejectedFiles.push({ source, reason, ...said });
    await writer.write({ source, rejected: reason, ...said });
  };

  let done = 0;
  const progress = () => options.onProgress?.(done);
  for await (const fetched of readAhead(fetches(lake, options), options.from === 'http' ? DOCUMENTS_AHEAD : AHEAD)) {
    const { key } = fetched.object;
    const { file, spool } = await unpackObject(lake, options, fetched, { reader, progress });
    try {
      if (file.kind === 'rejected') await reject(key, file.reason, file.detail);
      else if (file.kind === 'empty') tally.empty += 1;
      else {
        tally.loaded += 1;
        const lines = watch(spool.read(), progress);
        const content = options.change ? options.change(key, lines) : lines;
        for await (const segment of cutSegments(key, content)) await writer.write(segment);
      }
    } finally {
      await spool.dispose();
    }
    done += 1;
    progress();
  }
  for (const { key } of options.manifest.rejected) await reject(key, 'key');
  await writer.end();
  return tally;
}

/** A source object and its bytes; undefined where it is too large to be held, or not to be read at all. */
interface Fetched {
  readonly object: SourceObject;
  readonly bytes: Buffer | undefined;
}

function* fetches(lake: Lake, { manifest, from = 's3', signal }: MergeOptions): Generator<AheadRead<Fetched>> {
  for (const object of manifest.objects) {
    const held = object.size <= MAX_HELD_BYTES;
    const read = async () => ({
      object,
      bytes: held ? await readSource(lake, from, { bucket: manifest.bucket, object, signal }) : undefined,
    });
    yield { cost: held ? object.size : 0, read };
  }
}

/** The file's verdict, and its text where there is one. The spool is the caller's to dispose. */
async function unpackObject(
  lake: Lake,
  { manifest, from = 's3', signal }: MergeOptions,
  { object, bytes }: Fetched,
  { reader, progress }: { readonly reader: FileReader; readonly progress: () => void },
): Promise<{ readonly file: UnpackedFile; readonly spool: Spool }> {
  // Packed or not, it can only be larger once unpacked.
  if (object.size > reader.maxBytes) return { file: { kind: 'rejected', reason: 'too_large' }, spool: new Spool() };
  const unpack = async () => {
    const spool = new Spool();
    const stored =
      bytes === undefined ? streamSource(lake, from, { bucket: manifest.bucket, object, signal }) : once(bytes);
    try {
      return { file: await reader.read(watch(stored, progress), spool), spool };
    } catch (error) {
      await spool.dispose();
      throw error;
    }
  };
  return bytes === undefined ? retryOutages(signal, unpack) : unpack();
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** A large file takes a while: each of its chunks is progress. */
async function* watch(chunks: AsyncIterable<Buffer>, progress: () => void): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    progress();
    yield chunk;
  }
}
