import { DuckDBTypeId } from '@duckdb/node-api';
import type { FileColumn, FileColumnType } from '../model/file-format.ts';
import { FileRejectedError } from './file-rejected-error.ts';
import { quoteName } from './quote-sql.ts';
import type { ShapeColumn } from './read-shape.ts';

const {
  TINYINT,
  SMALLINT,
  INTEGER,
  BIGINT,
  HUGEINT,
  UTINYINT,
  USMALLINT,
  UINTEGER,
  UBIGINT,
  UHUGEINT,
  FLOAT,
  DOUBLE,
  DECIMAL,
  SQLNULL,
} = DuckDBTypeId;

const INTEGERS = [TINYINT, SMALLINT, INTEGER, BIGINT, HUGEINT, UTINYINT, USMALLINT, UINTEGER, UBIGINT, UHUGEINT];
const { DATE, TIMESTAMP, TIMESTAMP_S, TIMESTAMP_MS, TIMESTAMP_NS, TIMESTAMP_TZ, VARCHAR, BOOLEAN } = DuckDBTypeId;

/** Which types of a file's column are read as one of ours, and what they become. */
const READ_AS: Readonly<Record<FileColumnType, { readonly from: readonly DuckDBTypeId[]; readonly to: string }>> = {
  number: { from: [...INTEGERS, FLOAT, DOUBLE, DECIMAL], to: 'double' },
  timestamp: { from: [DATE, TIMESTAMP, TIMESTAMP_S, TIMESTAMP_MS, TIMESTAMP_NS, TIMESTAMP_TZ], to: 'timestamp' },
  text: { from: [VARCHAR], to: 'varchar' },
  boolean: { from: [BOOLEAN], to: 'boolean' },
};

/**
 * What selects the wanted columns of a file by their names there, whatever their capitals, as types that are the same in
 * all files. Throws a `FileRejectedError` where one is missing or of another kind: a value that is read as what it is
 * not would be a wrong number.
 */
export function bindColumns(wanted: readonly FileColumn[], found: readonly ShapeColumn[]): string {
  return wanted.map((column) => bindColumn(column, found)).join(', ');
}

function bindColumn({ name, type }: FileColumn, found: readonly ShapeColumn[]): string {
  const own =
    found.find((column) => column.name === name) ??
    found.find((column) => column.name.toLowerCase() === name.toLowerCase());
  if (!own) throw new FileRejectedError('parquet', `it has no column "${name}"`);
  const { from, to } = READ_AS[type];
  const { typeId } = own.type;
  // A column that is null in each row of a file may have no type there.
  if (!from.includes(typeId) && typeId !== SQLNULL) {
    throw new FileRejectedError('parquet', `its column "${own.name}" is ${own.type.toString()}, which is no ${type}`);
  }
  return `${quoteName(own.name)}::${to} as ${quoteName(name)}`;
}
