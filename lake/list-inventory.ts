import { parseKeyPattern } from '../model/key-pattern.ts';
import { listWholePrefixes } from '../model/list-prefixes.ts';
import type { S3SourceSpec } from '../model/pipeline-spec.ts';
import type { Manifest } from '../model/source-object.ts';
import type { Instant, Window } from '../model/window.ts';
import type { Lake } from './open-lake.ts';
import type { ListLimit } from './errors.ts';
import type { ListedObject } from './list-objects.ts';
import { listSource } from './list-source.ts';
import type { ListSourceOptions } from './list-source.ts';
import { makeManifest } from './make-manifest.ts';

/** What one listing of a source's whole prefix found to be last written within a stretch of time. */
export interface Inventory {
  /** The manifest of a window within that stretch. */
  manifestOf(window: Window): Manifest;
}

/** A thousand pages, one after the other: some minutes on S3. Each look at the source takes so long. */
const INVENTORY_LIMIT: ListLimit = {
  objects: 1_000_000,
  remedy:
    "By the rule lastModified the whole of it is listed. Make the key pattern's fixed beginning longer, windows and lateness shorter, move old files elsewhere, or go by names that tell the time.",
};

/**
 * Lists all that stands under a source's prefixes, once, and holds what was last written within `within`. S3 cannot list
 * by time, so this is how windows go by the rule `lastModified`: files, foreign names and impossible ones alike belong
 * to the window in which they were last written. An object that is overwritten leaves its window for another.
 *
 * Throws what `listWindow` throws.
 */
export async function listInventory(
  lake: Lake,
  source: S3SourceSpec,
  within: Window,
  options: ListSourceOptions = {},
): Promise<Inventory> {
  const prefixes = listWholePrefixes(parseKeyPattern(source.pattern));
  const keep = ({ lastModified }: ListedObject) => lastModified >= within.start && lastModified < within.end;
  const listed = await listSource(lake, source, { prefixes, limit: INVENTORY_LIMIT, keep }, options);
  const byTime = [...listed].sort((one, other) => one.lastModified - other.lastModified);
  return {
    manifestOf({ start, end }) {
      if (start < within.start || end > within.end) throw new RangeError('The window is not within the inventory.');
      return makeManifest(source, byTime.slice(findFrom(byTime, start), findFrom(byTime, end)));
    },
  };
}

/** The place of the first object that was written at this instant or later. */
function findFrom(byTime: readonly ListedObject[], at: Instant): number {
  let low = 0;
  let high = byTime.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((byTime[middle]?.lastModified ?? at) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
