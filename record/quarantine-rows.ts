import type { AssetKey } from '../model/asset-key.ts';
import { COLUMN_TYPES } from './column-type.ts';
import type { CopyStream } from './copy-stream.ts';

/** A row of `hourloom.quarantine`: what was held back, where it stands, and why. */
export interface QuarantineRow {
  /** The asset whose contract it broke, or the merged object's where it was not known for which table it was. */
  readonly asset: AssetKey;
  readonly sourceKey: string;
  /** 0 where the whole file was rejected. */
  readonly line: number;
  readonly reason: string;
  readonly detail: string;
  /** The record's beginning, for a person to look at. */
  readonly excerpt: string;
}

/** The columns of a quarantine row in their order, all but `load_id`. */
export const QUARANTINE_COLUMNS = ['asset', 'source_key', 'line', 'reason', 'detail', 'excerpt'] as const;

/** More rows than these help nobody; the others are counted only. */
export const MAX_QUARANTINE_ROWS = 10_000;

const MAX_EXCERPT_LENGTH = 2_000;
/** A character of UTF-16 takes at most 3 bytes of UTF-8. */
const MAX_EXCERPT_BYTES = MAX_EXCERPT_LENGTH * 3;

/** Appends one row in the format of COPY BINARY. Texts may hold anything: what Postgres cannot hold is replaced. */
export function writeQuarantineRow(stream: CopyStream, quarantineRow: QuarantineRow): void {
  const { asset, sourceKey, line, reason, detail, excerpt } = quarantineRow;
  const { row } = stream;
  stream.begin(QUARANTINE_COLUMNS.length);
  COLUMN_TYPES.text.write(row, asset);
  COLUMN_TYPES.text.write(row, makeStorable(sourceKey));
  COLUMN_TYPES.bigint.write(row, line);
  COLUMN_TYPES.text.write(row, makeStorable(reason));
  COLUMN_TYPES.text.write(row, makeStorable(detail));
  COLUMN_TYPES.text.write(row, makeStorable(excerpt));
  stream.keep();
}

/** The beginning of a record's bytes as text, at most 2,000 characters. */
export function makeExcerpt(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('utf8', start, Math.min(end, start + MAX_EXCERPT_BYTES)).slice(0, MAX_EXCERPT_LENGTH);
}

function makeStorable(text: string): string {
  return text.replaceAll(/[\0\p{Surrogate}]/gu, '\ufffd');
}
