import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Instant } from '../../model/window.ts';
import type { SourceFile } from './publish-hour.ts';

const FOLDER = fileURLToPath(new URL('../../../shared/data/retail/', import.meta.url));

/** Whether the real files of the shop are at hand; they are no part of the project. */
export const hasRetailFiles = existsSync(FOLDER);

/** The files of 1 to 25 January 2020, by hour. */
export async function readRetailHours(): Promise<ReadonlyMap<Instant, readonly SourceFile[]>> {
  const names = await readdir(FOLDER, { recursive: true });
  const hours = new Map<Instant, SourceFile[]>();
  for (const key of names.filter((name) => /\.json(?:\.gz)?$/u.test(name)).sort()) {
    const [, date = '', hour = ''] = /^date=(\d{4}-\d\d-\d\d)\/hour=(\d{1,2})\//u.exec(key) ?? [];
    const start = Date.parse(`${date}T${hour.padStart(2, '0')}:00:00Z`);
    const body = await readFile(`${FOLDER}${key}`);
    hours.set(start, [...(hours.get(start) ?? []), { key, body }]);
  }
  return hours;
}

/** The files that are for tables: erasure requests are for none. */
export function isForTable({ key }: SourceFile): boolean {
  return /\/(?:customers|products|transactions)\.json(?:\.gz)?$/u.test(key);
}
