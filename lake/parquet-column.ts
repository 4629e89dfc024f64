import {
  BIGINT,
  BOOLEAN,
  DECIMAL,
  DOUBLE,
  DuckDBDecimalValue,
  DuckDBTimestampTZValue,
  TIMESTAMPTZ,
  VARCHAR,
} from '@duckdb/node-api';
import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import type { ColumnType, NumericType } from '../model/column.ts';
import { readDecimal, readNumericType } from '../record/decimal.ts';

/** How a column goes from the staged rows to DuckDB. */
export interface ParquetColumn {
  /** Of the vector that holds its values; the table's own type is `columnTypeFacts(type).duckdb`. */
  readonly type: DuckDBType;
  /** Reads a field of COPY BINARY that is not null: `size` bytes of `chunk`, from `start` on. */
  readonly read: (chunk: Buffer, start: number, size: number) => DuckDBValue;
}

const POSTGRES_EPOCH_US = 946_684_800_000_000n;

const UUID_LENGTH = 36;
const HYPHEN = 0x2d;
const DIGITS = '0123456789abcdef';

const TEXT: ParquetColumn = { type: VARCHAR, read: readText };

/** The inverse of `COLUMN_TYPES[type].write`, in DuckDB's values. */
const COLUMNS: Readonly<Record<Exclude<ColumnType, NumericType>, ParquetColumn>> = {
  text: TEXT,
  uuid: { type: VARCHAR, read: readUuid },
  boolean: { type: BOOLEAN, read: (chunk, start) => chunk[start] === 1 },
  bigint: { type: BIGINT, read: (chunk, start) => chunk.readBigInt64BE(start) },
  'double precision': { type: DOUBLE, read: (chunk, start) => chunk.readDoubleBE(start) },
  timestamptz: {
    type: TIMESTAMPTZ,
    read: (chunk, start) => new DuckDBTimestampTZValue(chunk.readBigInt64BE(start) + POSTGRES_EPOCH_US),
  },
  // The first byte is the format's version.
  jsonb: { type: VARCHAR, read: (chunk, start, size) => TEXT.read(chunk, start + 1, size - 1) },
};

/** How a column of this type is carried. */
export function parquetColumn(type: ColumnType): ParquetColumn {
  if (type === 'text') return { type: VARCHAR, read: rememberText() };
  const size = readNumericType(type);
  if (!size) return COLUMNS[type as Exclude<ColumnType, NumericType>];
  const { precision, scale } = size;
  return {
    type: DECIMAL(precision, scale),
    read: (chunk, start, bytes) => {
      const digits = readDecimal(chunk.subarray(start, start + bytes)).replace('.', '');
      return new DuckDBDecimalValue(BigInt(digits), precision, scale);
    },
  };
}

function readText(chunk: Buffer, start: number, size: number): string {
  return chunk.toString('utf8', start, start + size);
}

/** Files and kinds repeat from row to row: a text that is known already need not be made again, nor collected. */
function rememberText(): ParquetColumn['read'] {
  let last = '';
  let bytes: Buffer = Buffer.alloc(0);
  return (chunk, start, size) => {
    if (size === bytes.length && bytes.compare(chunk, start, start + size) === 0) return last;
    last = readText(chunk, start, size);
    bytes = chunk.subarray(start, start + size);
    return last;
  };
}

/** Digit by digit: putting slices of text together leaves three times as much to collect. */
function readUuid(chunk: Buffer, start: number): string {
  const text = Buffer.allocUnsafe(UUID_LENGTH);
  let at = 0;
  for (let index = 0; index < 16; index += 1) {
    if (index === 4 || index === 6 || index === 8 || index === 10) text[at++] = HYPHEN;
    const byte = chunk[start + index]!;
    text[at++] = DIGITS.charCodeAt(byte >> 4);
    text[at++] = DIGITS.charCodeAt(byte & 0x0f);
  }
  return text.toString('latin1');
}
