import type { StoredObject } from '../model/source-object.ts';
import type { Instant, WindowKind } from '../model/window.ts';
import type { LakeZone } from './object-keys.ts';
import { partitionPrefix } from './object-keys.ts';
import type { PipelineName } from '../model/asset-key.ts';

/** The window whose object this is; undefined where the key is none of `partitionPrefix`. */
export function readPartitionFolder(
  zone: LakeZone,
  kind: WindowKind,
  pipeline: PipelineName,
  key: string,
): Instant | undefined {
  const parts = key.slice(`${zone}/${pipeline}/`.length).split('/').slice(0, -1).map(Number);
  const [year = Number.NaN, month = 1, day = 1, hour = 0, minute = 0, second = 0, ms = 0] = parts;
  const start = Date.UTC(year, month - 1, day, hour, minute, second, ms);
  if (Number.isNaN(start)) return undefined;
  return key.startsWith(partitionPrefix(zone, kind, { pipeline, start })) ? start : undefined;
}

/** An object of ours as its key and size tell it; undefined where the key is not named by a digest. */
export function readStoredKey({
  key,
  size,
}: {
  readonly key: string;
  readonly size: number;
}): StoredObject | undefined {
  const digest = /\/([0-9a-f]{64})\.[^/]*$/u.exec(key)?.[1];
  return digest === undefined ? undefined : { key, size, digest };
}
