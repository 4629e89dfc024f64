/** The cells of one row; null is printed as a dash. */
export type TableRow = readonly (string | number | null)[];

/** Columns side by side, as wide as their widest cell; numbers to the right. The first row is the heading. */
export function formatTable(rows: readonly TableRow[]): string {
  const cells = rows.map((row) => row.map((cell) => (cell === null ? '–' : String(cell))));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row, index) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return typeof rows[index]?.[column] === 'number' ? cell.padStart(width) : cell.padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
