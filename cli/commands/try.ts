import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { DeclaredPipeline } from '../../define/definitions.ts';
import { formatOf } from '../../model/file-format.ts';
import { guessKey } from '../../model/guess-key.ts';
import { parseKeyPattern } from '../../model/key-pattern.ts';
import { formatPartition, parsePartition, windowOf } from '../../model/window.ts';
import type { Window } from '../../model/window.ts';
import type { Carried } from '../../testing/carry-segments.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../errors.ts';
import { findPipeline } from '../find-pipeline.ts';
import { readCount } from '../read-count.ts';
import { writeTried } from '../write-tried.ts';

export interface TryOptions {
  readonly pipeline: string;
  readonly file: readonly string[];
  readonly rows: string;
  readonly quarantine: string;
}

/** A local file and the object that it stands for. */
export interface TriedFile {
  readonly path: string;
  readonly key: string;
  /** Null where its name tells none; then `note` says why. */
  readonly partition: string | null;
  readonly note: string | null;
}

/** What a definition makes of local files. */
export interface Tried extends Carried {
  readonly pipeline: string;
  readonly files: readonly TriedFile[];
}

/** Runs local files through a pipeline's definition, all as one window. Nothing is written and no server is needed. */
export const tryFiles: Command<TryOptions> = async (context, { pipeline: name, file: paths, rows, quarantine }) => {
  const limits = { rows: readCount('--rows', rows), quarantine: readCount('--quarantine', quarantine) };
  const pipeline = findPipeline(await context.loadDefinitions(), name);
  const files = await Promise.all(paths.map((path) => placeFile(pipeline, path)));
  const [{ carrySegments }, { readFiles }] = await Promise.all([
    import('../../testing/carry-segments.ts'),
    import('../../testing/read-files.ts'),
  ]);
  const given = files.map(({ path, key }) => ({
    key,
    open: (): AsyncIterable<Buffer> => createReadStream(path, { highWaterMark: READ_BYTES }),
  }));
  const carried = await carrySegments(
    pipeline,
    readFiles(given, formatOf(pipeline.spec.source), findWindow(pipeline, files)),
    limits,
  );
  const tried: Tried = { pipeline: pipeline.spec.name, files, ...carried };
  context.output.result(tried, writeTried(tried));
};

/** Of the first file whose name tells it: all are run as one window. */
function findWindow({ spec: { window } }: DeclaredPipeline, files: readonly TriedFile[]): Window | undefined {
  const named = files.find(({ partition }) => partition !== null)?.partition;
  const start = typeof named === 'string' ? parsePartition(window, named) : undefined;
  return start === undefined ? undefined : windowOf(window, start);
}

const READ_BYTES = 1024 * 1024;

async function placeFile({ spec }: DeclaredPipeline, path: string): Promise<TriedFile> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw new UsageError(`There is no file ${path}.`);
  const { source, window } = spec;
  if (source.kind === 'code') {
    return { path, key: basename(path), partition: null, note: 'The pipeline’s records come from its function.' };
  }
  const pattern = parseKeyPattern(source.pattern, source.kind === 's3' ? source.tables : undefined);
  const { key, match } = guessKey(pattern, path, source.clockOffsetMinutes);
  if (match.kind === 'match' && match.at !== undefined) {
    return { path, key, partition: formatPartition(window, windowOf(window, match.at).start), note: null };
  }
  return { path, key, partition: null, note: noteOf(match.kind, source.pattern) };
}

function noteOf(kind: 'match' | 'skip' | 'reject', pattern: string): string {
  if (kind === 'match') return 'Its name tells no time: it belongs to the window in which it is put.';
  if (kind === 'skip') return `Its name is not one of ${pattern}: in the source it would be skipped.`;
  return `Its name cannot be right for ${pattern}: in the source it would be rejected.`;
}
