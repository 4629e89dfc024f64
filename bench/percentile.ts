/** The value that a share of all values does not exceed: `percentile(times, 0.95)`. Of no values it is NaN. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Three digits after the point at most: what is finer is noise. */
export function roundFigure(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
