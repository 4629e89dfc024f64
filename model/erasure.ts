/** How much of a person there is in each store. */
export interface ErasureCounts {
  /** Objects of the lake that hold something, and the lines in them. */
  readonly objects: number;
  readonly lines: number;
  /** Windows whose visible object is among them. */
  readonly windows: number;
  /** Other objects with what was made of such lines: staged rows, Parquet, logs. Absent in histories from before they were searched. */
  readonly copies?: number;
  /** Rows of tables, and of the quarantine. */
  readonly rows: number;
  readonly quarantined: number;
  /** Rows of what is computed from these tables. Absent likewise. */
  readonly derived?: number;
}

export const NOTHING_FOUND: ErasureCounts = {
  objects: 0,
  lines: 0,
  windows: 0,
  copies: 0,
  rows: 0,
  quarantined: 0,
  derived: 0,
};

export function addErasureCounts(one: ErasureCounts, other: ErasureCounts): ErasureCounts {
  return {
    objects: one.objects + other.objects,
    lines: one.lines + other.lines,
    windows: one.windows + other.windows,
    copies: (one.copies ?? 0) + (other.copies ?? 0),
    rows: one.rows + other.rows,
    quarantined: one.quarantined + other.quarantined,
    derived: (one.derived ?? 0) + (other.derived ?? 0),
  };
}

/** Whether a search found nothing at all. */
export function isNothing(counts: ErasureCounts): boolean {
  return Object.values(counts).every((count) => count === 0);
}

/** What is erased begins with the next day (UTC), so that who asked by mistake can still be heard. */
export function nextDay(now: number): number {
  const day = 24 * 60 * 60 * 1_000;
  return (Math.floor(now / day) + 1) * day;
}
