import type { TableSpec } from '../model/pipeline-spec.ts';
import { DefinitionError } from './definition-error.ts';

/** What holds the file's place in the ledger is bounded; the folders of a partition and the digest need the rest of it. */
const MAX_ASSET_LENGTH = 100;
/** No reader of Parquet knows decimals with more. */
const MAX_DIGITS = 38;

/** Names of the folders that tell the partition, which a column would hide. */
const FOLDERS: ReadonlySet<string> = new Set(['year', 'month', 'day', 'hour', 'minute', 'second', 'millisecond']);

/** Throws where a table cannot be written as Parquet so that its readers find in it what the warehouse has. */
export function assertParquetFits({ asset, columns }: Pick<TableSpec, 'asset' | 'columns'>): void {
  const where = `table '${asset}'`;
  if (asset.length > MAX_ASSET_LENGTH) {
    throw new DefinitionError(where, `is Parquet too, and its name is longer than ${MAX_ASSET_LENGTH} characters.`);
  }
  for (const { name, type } of columns) {
    if (FOLDERS.has(name)) {
      throw new DefinitionError(
        where,
        `is Parquet too, whose folders are called "${name}" where the column is. Rename the column.`,
      );
    }
    if (Number(/^numeric\((\d+),/u.exec(type)?.[1] ?? 0) > MAX_DIGITS) {
      throw new DefinitionError(
        where,
        `is Parquet too, which has at most ${MAX_DIGITS} digits: column "${name}" is ${type}.`,
      );
    }
  }
}
