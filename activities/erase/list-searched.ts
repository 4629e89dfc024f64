import { listKept } from '../../lake/list-kept.ts';
import type { KeptObject } from '../../lake/list-kept.ts';
import type { Lake } from '../../lake/open-lake.ts';
import type { PipelineName } from '../../model/asset-key.ts';

/** What an object that is searched holds: lines, or what was made of them. */
export type SearchedKind = 'lines' | 'staged' | 'parquet' | 'log';

export interface SearchedObject extends KeptObject {
  readonly kind: SearchedKind;
}

/** So many objects are searched in one step: seconds, for windows of ordinary size. */
export const SEARCH_PAGE = 50;

/**
 * The next objects of the lake that may tell of a pipeline's persons, those too that nothing names any more. Lines come
 * first: what is made of them goes with them, and ids come to light there.
 */
export async function listSearched(
  lake: Lake,
  pipeline: PipelineName,
  { after, signal }: { readonly after: string | undefined; readonly signal: AbortSignal },
): Promise<readonly SearchedObject[]> {
  const folders: readonly { readonly prefix: string; readonly kind: SearchedKind }[] = [
    { prefix: `raw/${pipeline}/`, kind: 'lines' },
    { prefix: `staged/${pipeline}/`, kind: 'staged' },
    { prefix: `tables/${pipeline}/`, kind: 'parquet' },
    { prefix: `logs/${pipeline}/`, kind: 'log' },
  ];
  const begun = folders.findIndex(({ prefix }) => after?.startsWith(prefix) === true);
  const objects: SearchedObject[] = [];
  for (const [index, { prefix, kind }] of folders.entries()) {
    if (index < begun) continue;
    for await (const object of listKept(lake, { prefix, startAfter: index === begun ? after : undefined, signal })) {
      objects.push({ ...object, kind });
      if (objects.length === SEARCH_PAGE) return objects;
    }
  }
  return objects;
}
