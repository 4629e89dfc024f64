import type { AssetKey } from './asset-key.ts';
import type { Instant, Window, WindowKind } from './window.ts';

/** The parts of a time, as the folders of Hive's layout are called. */
const PARTS = ['year', 'month', 'day', 'hour', 'minute', 'second', 'millisecond'] as const;

/** One of the columns that the folders tell, and no file holds. */
export type HivePart = (typeof PARTS)[number];

/** How many parts of a time tell one window of this kind from the next: 4 for hours, whose minutes are always 0. */
export function countTimeParts(kind: WindowKind): number {
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

/** The folders that tell a window's start: `year`, `month`, `day`, `hour`; days have no hour. */
export function hiveParts(kind: WindowKind): readonly HivePart[] {
  return PARTS.slice(0, countTimeParts(kind));
}

/** The folder of all Parquet of an asset. */
export function parquetRoot(asset: AssetKey): string {
  return `tables/${asset}/`;
}

/** Where the Parquet of one partition stands: `tables/door2door/vehicle_location/year=2019/month=06/day=01/hour=18/`. */
export function parquetPrefix(kind: WindowKind, asset: AssetKey, start: Instant): string {
  return parquetRoot(asset) + writeFolders(start, countTimeParts(kind));
}

/** What a current-manifest tells of: a folder of partitions, and the time that it covers. */
export interface CurrentFolder {
  readonly key: string;
  readonly within: Window;
}

/**
 * The manifest that names the current Parquet of a day, the partition that starts at `start` among it; of a month where
 * partitions are months, and of an hour where they are shorter than one, so that it stays small.
 */
export function currentFolder(kind: WindowKind, asset: AssetKey, start: Instant): CurrentFolder {
  const key = `${parquetRoot(asset)}${writeFolders(start, countFolderParts(kind))}_manifest.json`;
  return { key, within: currentWindow(kind, start) };
}

/** The time that the manifest covers: two partitions with the same one are in the same manifest, whatever the asset. */
export function currentWindow(kind: WindowKind, start: Instant): Window {
  const parts = countFolderParts(kind);
  const at = new Date(start);
  const begin = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate(), at.getUTCHours()].slice(0, parts);
  const end = begin.map((value, index) => (index === parts - 1 ? value + 1 : value));
  return { start: toInstant(begin), end: toInstant(end) };
}

function countFolderParts(kind: WindowKind): number {
  return kind.unit === 'every' ? 4 : Math.min(countTimeParts(kind), 3);
}

function toInstant([year = 0, month = 0, day = 1, hour = 0]: readonly number[]): Instant {
  return Date.UTC(year, month, day, hour);
}

function writeFolders(start: Instant, parts: number): string {
  const values = new Date(start).toISOString().split(/\D/u);
  return PARTS.slice(0, parts)
    .map((part, index) => `${part}=${values[index]}/`)
    .join('');
}
