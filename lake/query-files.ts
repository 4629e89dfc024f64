import type { FilesQuery } from '../model/file-format.ts';
import type { Window } from '../model/window.ts';
import { FileRejectedError } from './file-rejected-error.ts';
import { cutSegments } from './merged-format.ts';
import type { MergedSegment } from './merged-format.ts';
import type { FilesQueryRun, QueriedFile, RowsRead } from './run-files-query.ts';
import { Spool } from './spool.ts';

/** What became of the files that a statement was to read. */
export interface QueriedRows extends RowsRead {
  /** Files that could not be used after all. */
  readonly rejected: number;
  /** Files without a row. */
  readonly empty: number;
}

export interface FilesToQuery {
  readonly query: FilesQuery;
  readonly window: Window;
  readonly signal?: AbortSignal | undefined;
  readonly onRead?: ((read: QueriedRows) => void) | undefined;
}

/** A file that can be read, and what selects its rows. */
interface BoundFile extends QueriedFile {
  readonly table: string;
}

/**
 * Runs a statement over files, and gives what it made as the segments of one file of lines. Files that lack a column, or
 * are damaged within, are given as rejected and left out; nothing is given before all is known. Memory is bounded.
 */
export async function* queryFiles(
  files: readonly QueriedFile[],
  { query, window, signal, onRead }: FilesToQuery,
): AsyncGenerator<MergedSegment> {
  if (files.length === 0) return;
  // Heavy, and of use where there is a file only.
  const { FilesQueryRun } = await import('./run-files-query.ts');
  await using run = await FilesQueryRun.open(query, window, files);
  const rejected: RejectedSegment[] = [];
  const spool = new Spool();
  try {
    const bound = await bindAll(run, files, rejected);
    const { good, rows, empty } = await makeRecords(run, bound, { spool, signal, rejected });
    onRead?.({ ...rows, rejected: rejected.length, empty });
    yield* rejected;
    const [first, ...others] = good;
    if (first) yield* cutSegments(others.length === 0 ? first.source : `${good.length} files`, spool.read());
  } finally {
    await spool.dispose();
  }
}

type RejectedSegment = Extract<MergedSegment, { readonly rejected: unknown }>;

async function bindAll(
  run: FilesQueryRun,
  files: readonly QueriedFile[],
  rejected: RejectedSegment[],
): Promise<readonly BoundFile[]> {
  const bound: BoundFile[] = [];
  for (const file of files) {
    try {
      bound.push({ ...file, table: await run.bind(file) });
    } catch (error) {
      if (!(error instanceof FileRejectedError)) throw error;
      rejected.push({ source: file.source, rejected: error.reason, detail: error.detail });
    }
  }
  return bound;
}

interface Made {
  readonly good: readonly BoundFile[];
  readonly rows: RowsRead;
  readonly empty: number;
}

async function makeRecords(
  run: FilesQueryRun,
  files: readonly BoundFile[],
  parts: {
    readonly spool: Spool;
    readonly signal: AbortSignal | undefined;
    readonly rejected: RejectedSegment[];
  },
): Promise<Made> {
  if (files.length === 0) return { good: [], rows: { rows: 0, inWindow: 0 }, empty: 0 };
  const { isFileAtFault, explain, explainQuery } = await import('./run-files-query.ts');
  const { spool, signal, rejected } = parts;
  const tablesOf = (some: readonly BoundFile[]) => some.map(({ table }) => table);
  try {
    const rows = await run.count(tablesOf(files));
    const counts = await Promise.all(files.map(({ table }) => run.countOf(table)));
    await run.run(tablesOf(files), spool, signal);
    return { good: files, rows, empty: counts.filter((count) => count === 0).length };
  } catch (error) {
    signal?.throwIfAborted();
    if (!isFileAtFault(error)) throw explainQuery(error, files);
    await spool.dispose();
    // One of them is damaged: each is read alone to find out which.
    const good: BoundFile[] = [];
    for (const file of files) {
      const fault = files.length === 1 ? error : await findFault(run, file, signal);
      if (fault === undefined) good.push(file);
      else rejected.push({ source: file.source, rejected: 'parquet', detail: explain(fault, [file.path]) });
    }
    if (good.length === files.length) throw explainQuery(error, files);
    return makeRecords(run, good, parts);
  }
}

async function findFault(run: FilesQueryRun, file: BoundFile, signal: AbortSignal | undefined): Promise<unknown> {
  try {
    await run.run([file.table], { write: async () => undefined }, signal);
    return undefined;
  } catch (error) {
    signal?.throwIfAborted();
    return error;
  }
}
