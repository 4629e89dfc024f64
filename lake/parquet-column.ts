import { BIGINT, BOOLEAN, DECIMAL, DOUBLE, TIMESTAMPTZ, UUID, VARCHAR } from '@duckdb/node-api';
import type { DuckDBType } from '@duckdb/node-api';
import type { ColumnType, NumericType } from '../model/column.ts';
import { columnTypeFacts } from '../record/column-type.ts';
import { readDecimal, readNumericType } from '../record/decimal.ts';
import type { DecimalSize } from '../record/decimal.ts';
import type { SlotWriter } from './vector-values.ts';

/** How a column goes from the staged rows to DuckDB. */
export interface ParquetColumn {
  /** Of the table in which rows wait to be written. Where it is not what the file has, writing casts. */
  readonly waitingType: string;
  /** Of the vectors that carry values there. */
  readonly type: DuckDBType;
  readonly slotBytes: number;
  readonly write: SlotWriter;
}

const POSTGRES_EPOCH_US = 946_684_800_000_000;
const WORD = 2 ** 32;
const EPOCH_HIGH = Math.floor(POSTGRES_EPOCH_US / WORD);
const EPOCH_LOW = POSTGRES_EPOCH_US % WORD;
const SIGN_BIT = 0x8000_0000;

/** A text of so many bytes stands in its slot, behind its length, with zeros after it; a longer one does not. */
const INLINE_BYTES = 12;
const TEXT_SLOT_BYTES = 16;

/** The inverse of `COLUMN_TYPES[type].write`, in the layout of DuckDB's vectors. */
const COLUMNS: Readonly<Record<Exclude<ColumnType, NumericType>, Omit<ParquetColumn, 'waitingType'>>> = {
  text: { type: VARCHAR, slotBytes: TEXT_SLOT_BYTES, write: writeText },
  uuid: { type: UUID, slotBytes: 16, write: writeUuid },
  boolean: { type: BOOLEAN, slotBytes: 1, write: ({ bytes }, row, chunk, start) => (bytes[row] = chunk[start]!) },
  bigint: { type: BIGINT, slotBytes: 8, write: writeEightBytes },
  'double precision': { type: DOUBLE, slotBytes: 8, write: writeEightBytes },
  timestamptz: { type: TIMESTAMPTZ, slotBytes: 8, write: writeTimestamp },
  jsonb: {
    type: VARCHAR,
    slotBytes: TEXT_SLOT_BYTES,
    // The first byte is the format's version.
    write: (slots, row, chunk, start, size) => writeText(slots, row, chunk, start + 1, size - 1),
  },
};

/** How a column of this type is carried. */
export function parquetColumn(type: ColumnType): ParquetColumn {
  const waitingType = type === 'uuid' ? 'uuid' : columnTypeFacts(type).duckdb;
  const size = readNumericType(type);
  if (!size) return { waitingType, ...COLUMNS[type as Exclude<ColumnType, NumericType>] };
  return { waitingType, type: DECIMAL(size.precision, size.scale), ...decimalSlot(size) };
}

function writeEightBytes({ words }: Parameters<SlotWriter>[0], row: number, chunk: Buffer, start: number): void {
  words[2 * row] = chunk.readInt32BE(start + 4);
  words[2 * row + 1] = chunk.readInt32BE(start);
}

function writeTimestamp({ words }: Parameters<SlotWriter>[0], row: number, chunk: Buffer, start: number): void {
  const low = chunk.readUInt32BE(start + 4) + EPOCH_LOW;
  words[2 * row] = low;
  words[2 * row + 1] = chunk.readInt32BE(start) + EPOCH_HIGH + (low >= WORD ? 1 : 0);
}

/** As a number of 128 bits whose sign is turned over, so that it sorts like its text. */
function writeUuid({ words }: Parameters<SlotWriter>[0], row: number, chunk: Buffer, start: number): void {
  words[4 * row] = chunk.readInt32BE(start + 12);
  words[4 * row + 1] = chunk.readInt32BE(start + 8);
  words[4 * row + 2] = chunk.readInt32BE(start + 4);
  words[4 * row + 3] = chunk.readInt32BE(start) ^ SIGN_BIT;
}

function writeText(
  { bytes, words, long }: Parameters<SlotWriter>[0],
  row: number,
  chunk: Buffer,
  start: number,
  size: number,
): void {
  const isLong = size > INLINE_BYTES;
  // Texts are compared slot by slot.
  words[4 * row] = isLong ? 0 : size;
  words[4 * row + 1] = 0;
  words[4 * row + 2] = 0;
  words[4 * row + 3] = 0;
  if (isLong) {
    long.set(row, chunk.subarray(start, start + size));
    return;
  }
  const at = TEXT_SLOT_BYTES * row + 4;
  for (let index = 0; index < size; index += 1) bytes[at + index] = chunk[start + index]!;
}

/** The narrowest number that holds so many digits. */
function decimalSlot({ precision }: DecimalSize): Pick<ParquetColumn, 'slotBytes' | 'write'> {
  const read = (chunk: Buffer, start: number, size: number) =>
    BigInt(readDecimal(chunk.subarray(start, start + size)).replace('.', ''));
  if (precision <= 4) {
    return {
      slotBytes: 2,
      write: ({ view }, row, chunk, start, size) => view.setInt16(2 * row, Number(read(chunk, start, size)), true),
    };
  }
  if (precision <= 9) {
    return {
      slotBytes: 4,
      write: ({ view }, row, chunk, start, size) => view.setInt32(4 * row, Number(read(chunk, start, size)), true),
    };
  }
  if (precision <= 18) {
    return {
      slotBytes: 8,
      write: ({ view }, row, chunk, start, size) => view.setBigInt64(8 * row, read(chunk, start, size), true),
    };
  }
  return {
    slotBytes: 16,
    write: ({ view }, row, chunk, start, size) => {
      const digits = read(chunk, start, size);
      view.setBigInt64(16 * row, BigInt.asIntN(64, digits), true);
      view.setBigInt64(16 * row + 8, digits >> 64n, true);
    },
  };
}
