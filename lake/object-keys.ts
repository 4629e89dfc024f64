import type { FilesQuery } from '../model/file-format.ts';
import type { PartitionRef } from '../model/partition.ts';
import type { WindowKind } from '../model/window.ts';

/** The parts of the lake whose objects belong to one partition and are named by their digest. */
export type LakeZone = 'manifests' | 'raw' | 'staged' | 'quarantine' | 'logs';

/**
 * Where a partition's objects of one zone stand: `raw/door2door/2019/06/01/18/`. Days end at the day, months at the
 * month; windows finer than an hour add minutes and seconds. No two windows of a pipeline share a folder.
 */
export function partitionPrefix(zone: LakeZone, kind: WindowKind, { pipeline, start }: PartitionRef): string {
  const [year, month, day, hour, minute, second, millisecond] = new Date(start).toISOString().split(/\D/u);
  const parts = [year, month, day, hour, minute, second, millisecond].slice(0, depthOf(kind));
  return `${zone}/${pipeline}/${parts.join('/')}/`;
}

/**
 * The digest in a merged object's key; undefined where it is no such key, or holds lines where a statement needs whole
 * files.
 */
export function digestOfMerged(key: string, query: FilesQuery | undefined): string | undefined {
  return (query ? /\/([0-9a-f]{64})\.files$/u : /\/([0-9a-f]{64})\.jsonl\.gz$/u).exec(key)?.[1];
}

function depthOf(kind: WindowKind): number {
  switch (kind.unit) {
    case 'month':
      return 2;
    case 'day':
      return 3;
    case 'hour':
      return 4;
    case 'every':
      if (kind.ms % 60_000 === 0) return 5;
      return kind.ms % 1_000 === 0 ? 6 : 7;
  }
}
