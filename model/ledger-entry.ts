import type { AssetKey } from './asset-key.ts';
import type { FileCounts, LineCounts } from './counts.ts';

/** How many of the partitions that a derived one is made of were there when it was computed. */
export interface InputCounts {
  readonly inputs: number;
  readonly expected: number;
}

/** How many values did not fit and became null, as the contract says; left out where none did. */
export interface NulledCount {
  readonly nulled: number;
}

/** Of tables whose records a statement made of whole files: the rows that these have, and those that are no row of the window. */
export interface FileRowCounts {
  readonly fileRows: number;
  readonly outsideWindow: number;
}

/** What the ledger keeps of how a making went: those counts that its step knew. */
export type LedgerCounts = Readonly<
  Partial<FileCounts & LineCounts & InputCounts & NulledCount & FileRowCounts & { bytes: number }>
>;

/** What one publication says about one asset. */
export interface LedgerEntry {
  readonly asset: AssetKey;
  /** Of the manifest it was made from: 64 hex digits. */
  readonly inputDigest: string;
  /** 64 hex digits. */
  readonly codeVersion: string;
  readonly rowCount: number;
  readonly counts: LedgerCounts;
  /** Where the asset is an object of the lake: its key, at most 256 bytes. */
  readonly objectKey: string | undefined;
}
