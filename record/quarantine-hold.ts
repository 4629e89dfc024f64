import type { AssetKey } from '../model/asset-key.ts';
import type { FileReason } from '../model/file-reason.ts';
import { CopyStream } from './copy-stream.ts';
import type { Quarantined } from './quarantined.ts';
import { MAX_QUARANTINE_ROWS, writeQuarantineRow } from './quarantine-rows.ts';
import type { RecordPosition } from './split-lines.ts';

/** Collects what is held back: the first rows as they are, all of them as counts by reason. */
export class QuarantineHold {
  readonly rows = new CopyStream();
  readonly #reasons = new Map<string, number>();
  #rowCount = 0;

  /** `makeExcerpt` is called only where the row is kept. */
  add(asset: AssetKey, position: RecordPosition, { reason, detail }: Quarantined, makeExcerpt: () => string): void {
    if (this.#count(reason))
      writeQuarantineRow(this.rows, { asset, ...position, reason, detail, excerpt: makeExcerpt() });
  }

  /** A file that could not be used as a whole. */
  addFile(asset: AssetKey, sourceKey: string, reason: FileReason, detail = 'the file could not be used'): void {
    if (!this.#count(reason)) return;
    writeQuarantineRow(this.rows, {
      asset,
      sourceKey,
      line: 0,
      reason,
      detail,
      excerpt: '',
    });
  }

  /** How many each reason held back, sorted by reason, and how many of them became rows. */
  counts(): { reasons: Readonly<Record<string, number>>; quarantineRows: number } {
    const sorted = [...this.#reasons].sort(([a], [b]) => (a < b ? -1 : 1));
    return { reasons: Object.fromEntries(sorted), quarantineRows: this.#rowCount };
  }

  /** Counts one; says whether there is room for its row. */
  #count(reason: string): boolean {
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
    if (this.#rowCount >= MAX_QUARANTINE_ROWS) return false;
    this.#rowCount += 1;
    return true;
  }
}
