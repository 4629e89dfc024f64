import { createHash } from 'node:crypto';
import type { Manifest, SourceObject } from '../model/source-object.ts';

/**
 * The version of a window's input: sha256 over its bucket, its objects and its rejected names, 64 hex digits. Skipped
 * objects are left out: a foreign file that comes or goes changes no row, so it must not remake the window.
 */
export function manifestDigest({ bucket, objects, rejected }: Manifest): string {
  const version = ({ key, size, etag }: SourceObject) => [key, size, etag];
  const canonical = JSON.stringify([bucket, objects.map(version), rejected.map(version)]);
  return createHash('sha256').update(canonical, 'utf8').digest('hex');
}
