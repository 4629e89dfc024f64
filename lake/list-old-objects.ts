import type { Instant } from '../model/window.ts';
import { listObjects } from './list-objects.ts';
import type { ListedObject } from './list-objects.ts';
import { readKeyStart } from './object-keys.ts';
import type { Lake } from './open-lake.ts';

/** An object that is named by its digest, and the start of the window that it was made for. */
export interface OldObject extends Pick<ListedObject, 'key' | 'size'> {
  readonly start: Instant;
}

export interface OldObjectsQuestion {
  readonly prefix: string;
  /** Those that were last put before. */
  readonly before: Instant;
  readonly signal?: AbortSignal | undefined;
}

const PAGE_SIZE = 1_000;
const LIMIT = { objects: 100_000_000, remedy: 'Take old folders away by hand.' };
/** What we put by its digest. Anything else under the prefix is not ours to judge. */
const BY_DIGEST = /\/[0-9a-f]{64}\.[a-z_][a-z0-9_.]*$/u;

/** Objects under a prefix that are no longer young, page by page, in the order of their windows. */
export async function* listOldObjects(
  lake: Lake,
  { prefix, before, signal }: OldObjectsQuestion,
): AsyncGenerator<readonly OldObject[], void, undefined> {
  const use = { bucket: lake.bucket, role: 'lake' } as const;
  let page: OldObject[] = [];
  for await (const { key, size, lastModified } of listObjects(lake, { use, prefix, limit: LIMIT, signal })) {
    const start = readKeyStart(key);
    if (lastModified >= before || start === undefined || !BY_DIGEST.test(key)) continue;
    page.push({ key, size, start });
    if (page.length < PAGE_SIZE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
