import { readFile } from 'node:fs/promises';
import type { Lake } from '../lake/open-lake.ts';
import { putObject } from '../lake/put-object.ts';

const PUTS_AT_ONCE = 16;

/** A file to be put: its key, and its bytes at hand or on disk. */
export type FedFile = { readonly key: string } & ({ readonly path: string } | { readonly body: string | Uint8Array });

/** Puts files into a bucket, a bounded number at once. `advance` hears how many are there. */
export async function feedFiles(
  lake: Lake,
  bucket: string,
  files: readonly FedFile[],
  advance: (done: number) => void,
): Promise<void> {
  let done = 0;
  const waiting = files.values();
  const putNext = async (): Promise<void> => {
    for (const file of waiting) {
      const body = 'path' in file ? await readFile(file.path) : Buffer.from(file.body);
      await putObject(lake, { bucket, key: file.key, body });
      done += 1;
      advance(done);
    }
  };
  await Promise.all(Array.from({ length: PUTS_AT_ONCE }, putNext));
}
