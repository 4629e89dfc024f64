import { getS3Source } from '../../model/get-s3-source.ts';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { matchKey } from '../../model/match-key.ts';
import { parseKeyPattern } from '../../model/key-pattern.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../errors.ts';
import { findPipeline } from '../find-pipeline.ts';
import { openMachine } from '../open-machine.ts';

export interface FeedOptions {
  readonly pipeline: string;
  readonly folder: string;
}

/** Puts a folder's files into a pipeline's source bucket, under the paths that they have in the folder. */
export const feed: Command<FeedOptions> = async (context, { pipeline: name, folder }) => {
  const { spec } = findPipeline(await context.loadDefinitions(), name);
  const source = getS3Source(spec);
  const files = await listFiles(folder);
  if (files.length === 0) throw new UsageError(`There are no files in ${folder}.`);
  const pattern = parseKeyPattern(source.pattern, source.tables);
  const strays = files.filter(({ key }) => matchKey(pattern, key, source.clockOffsetMinutes).kind !== 'match');
  const matching = files.length - strays.length;
  if (matching === 0) {
    throw new UsageError(
      `${files.length === 1 ? 'The one file' : `None of the ${files.length} files`} in ${folder} is ${files.length === 1 ? 'not ' : ''}named like ${source.pattern}. Give the folder that stands for the bucket's root.`,
    );
  }

  await using machine = openMachine(context);
  const { feedFiles } = await import('../feed-files.ts');
  await using lake = await machine.openLake();
  if (machine.ownsStorage) {
    const { ensureBucket } = await import('../../lake/ensure-bucket.ts');
    await ensureBucket(lake, { bucket: source.bucket, role: 'source' });
  }
  const progress = context.output.progress(`Feeding ${source.bucket}`, files.length);
  try {
    await feedFiles(lake, source.bucket, files, progress.advance);
  } finally {
    progress.stop();
  }
  context.output.result(
    { pipeline: spec.name, bucket: source.bucket, files: files.length, matching, others: strays.length },
    `Put ${formatFiles(files.length)} into s3://${source.bucket}${writeStrays(strays)}.`,
  );
};

const MAX_NAMED = 3;

function writeStrays(strays: readonly { readonly key: string }[]): string {
  if (strays.length === 0) return '';
  const named = strays.slice(0, MAX_NAMED).map(({ key }) => key);
  const more = strays.length > MAX_NAMED ? [`${strays.length - MAX_NAMED} more`] : [];
  return `; ${strays.length} of them ${strays.length === 1 ? 'is' : 'are'} not named like the pipeline's files and will be skipped: ${[...named, ...more].join(', ')}`;
}

function formatFiles(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}

async function listFiles(folder: string): Promise<readonly { readonly key: string; readonly path: string }[]> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new UsageError(`There is no folder ${folder}.`);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .map((path) => ({ path, key: relative(folder, path).split(sep).join('/') }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}
