import type { FileCounts, LineCounts } from './counts.ts';
import type { LedgerCounts } from './ledger-entry.ts';

/** What the ledger keeps of a merged object: its files, its size in bytes, and its lines once they were read. */
export interface EventCounts {
  readonly files: FileCounts;
  readonly bytes: number;
  /** Null until the merged object has been transformed. */
  readonly lines: LineCounts | null;
}

/** As the ledger holds them: one number by name. */
export function writeEventCounts({ files, bytes, lines }: EventCounts): LedgerCounts {
  return { ...files, bytes, ...lines };
}

/** The inverse of `writeEventCounts`. */
export function readEventCounts(counts: LedgerCounts): EventCounts {
  const { listed = 0, loaded = 0, rejected = 0, skipped = 0, empty = 0, bytes = 0 } = counts;
  const { lines, good = 0, duplicate = 0, quarantined = 0 } = counts;
  return {
    files: { listed, loaded, rejected, skipped, empty },
    bytes,
    lines: lines === undefined ? null : { lines, good, duplicate, quarantined },
  };
}
