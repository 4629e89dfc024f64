import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../../shared/data/door2door/', import.meta.url));

/** Whether the real hour is at hand; it is not part of the project. */
export const hasRealFiles = existsSync(FOLDER);

/** The real hour: 721 files, 35,351 lines, all of 2019-06-01T18:00Z. */
export async function readRealFiles(): Promise<{ readonly key: string; readonly body: Buffer }[]> {
  const names = (await readdir(`${FOLDER}data`)).sort();
  return Promise.all(
    names.map(async (name) => ({ key: `data/${name}`, body: await readFile(`${FOLDER}data/${name}`) })),
  );
}
