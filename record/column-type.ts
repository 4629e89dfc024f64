import type { ColumnType, NumericType } from '../model/column.ts';
import { readNumericType, writeDecimal } from './decimal.ts';
import { parseTimestamp } from './parse-timestamp.ts';
import type { QuarantineReason } from './quarantined.ts';
import { writeInt32At } from './row-buffer.ts';
import type { RowBuffer } from './row-buffer.ts';

/**
 * Appends one value as a field of COPY BINARY: its size in 4 bytes, then the value. Gives the reason where the column
 * cannot hold the value; what it wrote by then must be taken away.
 */
export type FieldWriter = (row: RowBuffer, value: unknown) => QuarantineReason | undefined;

/** All that there is to say of a type of column. */
export interface ColumnTypeFacts {
  /** As `create table` says it. */
  readonly ddl: string;
  /**
   * As a Parquet file's schema says it: the physical type, and the logical one on top of it. Only types that Athena and
   * Redshift Spectrum read: to them a UUID is text.
   */
  readonly parquet: string;
  /** What DuckDB is given, which writes the Parquet file. */
  readonly duckdb: string;
  /** What Athena, Glue and Redshift Spectrum call it. */
  readonly hive: string;
  readonly write: FieldWriter;
}

/** What is known of a type of column. */
export function columnTypeFacts(type: ColumnType): ColumnTypeFacts {
  return isNumeric(type) ? numericFacts(type) : COLUMN_TYPES[type];
}

/** The one place where a type of column is declared, encoded and named for Parquet; those of a size are made below. */
export const COLUMN_TYPES: Readonly<Record<Exclude<ColumnType, NumericType>, ColumnTypeFacts>> = {
  text: {
    ddl: 'text',
    parquet: 'BYTE_ARRAY (STRING)',
    duckdb: 'varchar',
    hive: 'string',
    write: (row, value) => writeText(row, value as string),
  },
  uuid: {
    ddl: 'uuid',
    parquet: 'BYTE_ARRAY (STRING)',
    duckdb: 'varchar',
    hive: 'string',
    write: (row, value) => writeUuid(row, value as string),
  },
  boolean: {
    ddl: 'boolean',
    parquet: 'BOOLEAN',
    duckdb: 'boolean',
    hive: 'boolean',
    write: (row, value) => writeBoolean(row, value as boolean),
  },
  bigint: {
    ddl: 'bigint',
    parquet: 'INT64',
    duckdb: 'bigint',
    hive: 'bigint',
    write: (row, value) => writeBigint(row, value as number),
  },
  'double precision': {
    ddl: 'double precision',
    parquet: 'DOUBLE',
    duckdb: 'double',
    hive: 'double',
    write: (row, value) => writeDouble(row, value as number),
  },
  timestamptz: {
    ddl: 'timestamptz',
    parquet: 'INT64 (TIMESTAMP(MICROS, true))',
    duckdb: 'timestamptz',
    hive: 'timestamp',
    write: (row, value) => writeTimestamp(row, value as string),
  },
  jsonb: {
    ddl: 'jsonb',
    parquet: 'BYTE_ARRAY (JSON)',
    duckdb: 'json',
    hive: 'string',
    write: (row, value) => writeJson(row, value),
  },
};

/** Whether a type of column is one of those that have a size. */
export function isNumeric(type: ColumnType): type is NumericType {
  return type.startsWith('numeric(');
}

function numericFacts(type: NumericType): ColumnTypeFacts {
  const size = readNumericType(type);
  if (!size) throw new RangeError(`"${type}" is no type of column.`);
  return {
    ddl: type,
    parquet: `${decimalBytes(size.precision)} (DECIMAL(${size.precision}, ${size.scale}))`,
    duckdb: `decimal(${size.precision},${size.scale})`,
    hive: `decimal(${size.precision},${size.scale})`,
    write: (row, value) => (writeDecimal(row, value, size) ? undefined : 'number_range'),
  };
}

/** The narrowest physical type that holds so many digits. */
function decimalBytes(precision: number): string {
  if (precision <= 9) return 'INT32';
  return precision <= 18 ? 'INT64' : 'FIXED_LEN_BYTE_ARRAY';
}

/** 2000-01-01T00:00:00Z, where Postgres begins to count. */
const POSTGRES_EPOCH_US = 946_684_800_000_000;

/** Up to here writing the characters one by one is faster than asking Node to do it. */
const SHORT_TEXT = 64;
const JSONB_VERSION = 1;
/** Bytes of UTF-8 for one unit of UTF-16, at most. */
const MAX_BYTES_PER_UNIT = 3;

function writeText(row: RowBuffer, text: string): QuarantineReason | undefined {
  const sizeAt = row.length;
  row.writeInt32(0);
  const reason = writeCharacters(row, text);
  writeInt32At(row.bytes, sizeAt, row.length - sizeAt - 4);
  return reason;
}

function writeCharacters(row: RowBuffer, text: string): QuarantineReason | undefined {
  const bytes = row.reserve(text.length * MAX_BYTES_PER_UNIT);
  const from = row.length;
  if (text.length <= SHORT_TEXT) {
    let index = 0;
    for (; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code === 0 || code > 0x7f) break;
      bytes[from + index] = code;
    }
    if (index === text.length) {
      row.length = from + index;
      return undefined;
    }
  }
  // Decoding refuses both already, but a contract's transformation may have made them.
  if (text.includes('\0')) return 'nul';
  if (/\p{Surrogate}/u.test(text)) return 'surrogate';
  row.length = from + bytes.write(text, from, 'utf8');
  return undefined;
}

function writeUuid(row: RowBuffer, text: string): undefined {
  row.writeInt32(16);
  const bytes = row.reserve(16);
  let at = row.length;
  for (let index = 0; index < 36; index += 2) {
    if (index === 8 || index === 13 || index === 18 || index === 23) index += 1;
    bytes[at] = (hexDigit(text.charCodeAt(index)) << 4) | hexDigit(text.charCodeAt(index + 1));
    at += 1;
  }
  row.length = at;
}

/** Of a digit or letter that is known to be one; both cases of a letter. */
function hexDigit(code: number): number {
  return (code & 0x0f) + (code >> 6) * 9;
}

function writeBoolean(row: RowBuffer, value: boolean): undefined {
  row.writeInt32(1);
  row.reserve(1)[row.length] = value ? 1 : 0;
  row.length += 1;
}

function writeBigint(row: RowBuffer, value: number): QuarantineReason | undefined {
  row.writeInt32(8);
  if (Number.isSafeInteger(value)) {
    row.writeInt64(value);
    return undefined;
  }
  if (!Number.isInteger(value) || value >= 2 ** 63 || value < -(2 ** 63)) return 'number_range';
  row.reserve(8).writeBigInt64BE(BigInt(value), row.length);
  row.length += 8;
  return undefined;
}

function writeDouble(row: RowBuffer, value: number): undefined {
  row.writeInt32(8);
  row.reserve(8).writeDoubleBE(value, row.length);
  row.length += 8;
}

function writeTimestamp(row: RowBuffer, text: string): QuarantineReason | undefined {
  // The contract has said already whether an offset may be missing.
  const microseconds = parseTimestamp(text, 'UTC');
  if (microseconds === undefined) return 'timestamp';
  row.writeInt32(8);
  row.writeInt64(microseconds - POSTGRES_EPOCH_US);
  return undefined;
}

function writeJson(row: RowBuffer, value: unknown): QuarantineReason | undefined {
  const sizeAt = row.length;
  row.writeInt32(0);
  row.reserve(1)[row.length] = JSONB_VERSION;
  row.length += 1;
  const reason = writeCharacters(row, JSON.stringify(value));
  writeInt32At(row.bytes, sizeAt, row.length - sizeAt - 4);
  return reason;
}
