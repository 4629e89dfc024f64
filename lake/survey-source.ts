import { parseKeyPattern } from '../model/key-pattern.ts';
import { listWholePrefixes } from '../model/list-prefixes.ts';
import { matchKey } from '../model/match-key.ts';
import type { PipelineSpec, S3SourceSpec } from '../model/pipeline-spec.ts';
import { addSeen, strayKindOf } from '../model/survey.ts';
import type { Stray, StrayKind, SurveyTally } from '../model/survey.ts';
import { listObjects } from './list-objects.ts';
import type { Lake } from './open-lake.ts';

/** Where a survey is to go on, and how far. */
export interface SurveyPart {
  /** The last key that was seen; undefined at the beginning. */
  readonly after: string | undefined;
  readonly tally: SurveyTally;
  /** How many objects to look at, at most. */
  readonly limit: number;
}

/** Objects that are told apart at once: as many as a page of a listing has. */
const PAGE = 1_000;

/**
 * Looks at the next objects under a source's whole prefix, in the order of their keys, for those that belong to no
 * window. Gives what it has seen with that of before, and the key after which to go on; none where it has seen all.
 * What is written behind it is for the next survey.
 *
 * Throws what `listWindow` throws, but has no limit of its own.
 */
export async function surveySource(
  lake: Lake,
  { window }: Pick<PipelineSpec, 'window'>,
  source: S3SourceSpec,
  { after, tally: before, limit }: SurveyPart,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<{ readonly after: string | undefined; readonly tally: SurveyTally }> {
  const pattern = parseKeyPattern(source.pattern);
  let tally = before;
  let last = after;
  let seen = 0;
  let page = 0;
  let found: (Stray & { readonly kind: StrayKind })[] = [];
  const addPage = () => {
    tally = addSeen(tally, page, found);
    [page, found] = [0, []];
  };
  for (const prefix of listWholePrefixes(pattern)) {
    // All that stands under it was seen: it comes before the key, and is no beginning of it.
    if (after !== undefined && prefix < after && !after.startsWith(prefix)) continue;
    const startAfter = after !== undefined && after.startsWith(prefix) ? after : undefined;
    const use = { bucket: source.bucket, role: 'source' } as const;
    const unlimited = { objects: Number.MAX_SAFE_INTEGER, remedy: '' };
    for await (const object of listObjects(lake, { use, prefix, startAfter, limit: unlimited, signal })) {
      if (seen === limit) {
        addPage();
        return { after: last, tally };
      }
      seen += 1;
      page += 1;
      last = object.key;
      const kind = strayKindOf(matchKey(pattern, object.key, source.clockOffsetMinutes), { window });
      if (kind) found.push({ kind, key: object.key, size: object.size, writtenAt: object.lastModified });
      if (page === PAGE) addPage();
    }
  }
  addPage();
  return { after: undefined, tally };
}
