/** What became of a window's source objects. `listed` is the sum of the others. */
export interface FileCounts {
  readonly listed: number;
  readonly loaded: number;
  /** Unreadable as a file: wrong format, broken compression, bad name. Kept in quarantine with a reason. */
  readonly rejected: number;
  /** Under the window's prefix but none of the pipeline's files. */
  readonly skipped: number;
  /** Nothing in it. */
  readonly empty: number;
}

/** What became of a window's lines; blank ones are not counted. `lines` is the sum of the others. */
export interface LineCounts {
  readonly lines: number;
  readonly good: number;
  /** Same key and same values as an earlier line of the window. */
  readonly duplicate: number;
  readonly quarantined: number;
}

/** A sum does not come out: something was lost or doubled. Never published. */
export class CountsError extends Error {
  constructor(what: string) {
    super(`Counts do not add up: ${what}. Nothing was published; please report this as a bug.`);
    this.name = 'CountsError';
  }
}

/** Throws a `CountsError` where a file is unaccounted for. */
export function assertFileCounts({ listed, loaded, rejected, skipped, empty }: FileCounts): void {
  if (listed !== loaded + rejected + skipped + empty) {
    throw new CountsError(
      `${listed} listed, but ${loaded} loaded + ${rejected} rejected + ${skipped} skipped + ${empty} empty`,
    );
  }
}

/** Throws a `CountsError` where a line is unaccounted for. */
export function assertLineCounts({ lines, good, duplicate, quarantined }: LineCounts): void {
  if (lines !== good + duplicate + quarantined) {
    throw new CountsError(`${lines} lines, but ${good} good + ${duplicate} duplicate + ${quarantined} quarantined`);
  }
}
