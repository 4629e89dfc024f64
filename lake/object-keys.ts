import { countTimeParts } from '../model/hive-layout.ts';
import type { FilesQuery } from '../model/file-format.ts';
import type { PartitionRef } from '../model/partition.ts';
import type { Instant, WindowKind } from '../model/window.ts';

/** The parts of the lake whose objects belong to one partition and are named by their digest. */
export type LakeZone = 'manifests' | 'raw' | 'staged' | 'logs';

/**
 * Where a partition's objects of one zone stand: `raw/door2door/2019/06/01/18/`. Days end at the day, months at the
 * month; windows finer than an hour add minutes and seconds. No two windows of a pipeline share a folder.
 */
export function partitionPrefix(zone: LakeZone, kind: WindowKind, { pipeline, start }: PartitionRef): string {
  const [year, month, day, hour, minute, second, millisecond] = new Date(start).toISOString().split(/\D/u);
  const parts = [year, month, day, hour, minute, second, millisecond].slice(0, countTimeParts(kind));
  return `${zone}/${pipeline}/${parts.join('/')}/`;
}

/**
 * The start of the window that an object under a partition's folder belongs to, read from the numbers of its folders;
 * undefined where they tell no time.
 */
export function readKeyStart(key: string): Instant | undefined {
  const found = /\/(?:year=)?(\d{4})\/((?:(?:[a-z]+=)?\d{2,3}\/)*)[^/]*$/u.exec(key);
  if (!found) return undefined;
  const [month = 1, day = 1, hour = 0, minute = 0, second = 0, ms = 0] = (found[2]!.match(/\d+/gu) ?? []).map(Number);
  const start = Date.UTC(Number(found[1]), month - 1, day, hour, minute, second, ms);
  return Number.isNaN(start) ? undefined : start;
}

/**
 * The digest in a merged object's key; undefined where it is no such key, or holds lines where a statement needs whole
 * files.
 */
export function digestOfMerged(key: string, query: FilesQuery | undefined): string | undefined {
  return (query ? /\/([0-9a-f]{64})\.files$/u : /\/([0-9a-f]{64})\.jsonl\.gz$/u).exec(key)?.[1];
}
