import { parseKeyPattern } from '../model/key-pattern.ts';
import { matchKey } from '../model/match-key.ts';
import type { S3SourceSpec } from '../model/pipeline-spec.ts';
import type { Manifest, SourceObject } from '../model/source-object.ts';

/** Tells the objects of a window's listing apart by their names, and sorts them. Their times have been looked at. */
export function makeManifest(source: S3SourceSpec, listed: readonly SourceObject[]): Manifest {
  const pattern = parseKeyPattern(source.pattern, source.tables);
  const objects: SourceObject[] = [];
  const skipped: SourceObject[] = [];
  const rejected: SourceObject[] = [];
  for (const { key, size, etag } of sortByKey(listed)) {
    const match = matchKey(pattern, key, source.clockOffsetMinutes);
    const kind = { match: objects, skip: skipped, reject: rejected }[match.kind];
    kind.push({ key, size, etag });
  }
  return { bucket: source.bucket, objects, skipped, rejected };
}

/** By UTF-8 bytes, as S3 does; JavaScript's own order of strings differs beyond the Basic Multilingual Plane. */
export function sortByKey(objects: readonly SourceObject[]): readonly SourceObject[] {
  return objects
    .map((object) => ({ object, bytes: Buffer.from(object.key) }))
    .sort((one, other) => Buffer.compare(one.bytes, other.bytes))
    .map(({ object }) => object);
}
