import type { LogLine } from '../model/attempt-note.ts';
import type { StoredObject } from '../model/source-object.ts';
import { StoredObjectLostError } from './errors.ts';
import type { Lake } from './open-lake.ts';
import { readStored } from './read-stored.ts';

/** An attempt's log has at most a quarter of a megabyte, and the word that more was left out. */
const MAX_BYTES = 1024 * 1024;

/** The lines of an attempt's log. Throws a `StoredObjectLostError` where it is not what was put. */
export async function readLog(
  lake: Lake,
  { key, size }: Pick<StoredObject, 'key' | 'size'>,
): Promise<readonly LogLine[]> {
  const digest = /\/([0-9a-f]{64})\.jsonl$/u.exec(key)?.[1];
  if (digest === undefined || size > MAX_BYTES) throw new StoredObjectLostError(key, 'is no log');
  const chunks: Buffer[] = [];
  for await (const chunk of readStored(lake, { key, size, digest })) chunks.push(chunk);
  return Buffer.concat(chunks)
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { at, ...rest } = JSON.parse(line) as Omit<LogLine, 'at'> & { readonly at: string };
      return { at: Date.parse(at), ...rest };
    });
}
