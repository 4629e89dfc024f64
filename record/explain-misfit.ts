import type { FileFormat } from '../model/file-format.ts';
import type { LineBytes } from './decode-line.ts';
import { quarantined } from './quarantined.ts';
import type { Quarantined } from './quarantined.ts';

/**
 * A line that is no record, in the words of the file that it stands in: a row of CSV whose cells are not as many as the
 * header names has no names for them, and so came as a list.
 */
export function explainMisfit(format: FileFormat, misfit: Quarantined, { bytes, start, end }: LineBytes): Quarantined {
  if (format.kind !== 'csv' || misfit.reason !== 'not_object') return misfit;
  const cells: unknown = JSON.parse(bytes.toString('utf8', start, end));
  if (!Array.isArray(cells)) return misfit;
  return quarantined('column_count', `the row has ${cells.length} cells, and the header names another number`);
}
