import { parseKeyPattern } from '../model/key-pattern.ts';
import { listPrefixes } from '../model/list-prefixes.ts';
import { matchKey } from '../model/match-key.ts';
import type { S3SourceSpec } from '../model/pipeline-spec.ts';
import type { Manifest } from '../model/source-object.ts';
import type { Window } from '../model/window.ts';
import type { Lake } from './open-lake.ts';
import { listInventory } from './list-inventory.ts';
import { LIST_LIMIT } from './list-objects.ts';
import { listSource } from './list-source.ts';
import type { ListSourceOptions } from './list-source.ts';
import { makeManifest } from './make-manifest.ts';

/**
 * Lists a window's source objects, sorted by the bytes of their keys, so that the same objects always give the same
 * manifest. Files of other windows under the same prefix are left out; what is no file of the pipeline is `skipped`,
 * and what was meant to be one but has an impossible name is `rejected`.
 *
 * Where names tell the time, it costs what lies in about the window's time. By the rule `lastModified` it costs the
 * whole prefix: whoever wants several windows takes one `listInventory`.
 *
 * Throws `SourceMissingError`, `SourceRefusedError`, `SourceTooLargeError`; an outage is a `StorageUnreachableError`.
 */
export async function listWindow(
  lake: Lake,
  source: S3SourceSpec,
  window: Window,
  options: ListSourceOptions = {},
): Promise<Manifest> {
  if (source.hourOf === 'lastModified') {
    const inventory = await listInventory(lake, source, window, options);
    return inventory.manifestOf(window);
  }
  const pattern = parseKeyPattern(source.pattern, source.tables);
  const prefixes = listPrefixes(pattern, window, source.clockOffsetMinutes);
  const listed = await listSource(lake, source, { prefixes, limit: LIST_LIMIT, keep: () => true }, options);
  return makeManifest(
    source,
    listed.filter(({ key }) => {
      const match = matchKey(pattern, key, source.clockOffsetMinutes);
      return match.kind !== 'match' || (match.at !== undefined && match.at >= window.start && match.at < window.end);
    }),
  );
}
