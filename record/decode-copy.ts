import type { ColumnSpec, ColumnType, NumericType } from '../model/column.ts';
import { isNumeric } from './column-type.ts';
import { readDecimal } from './decimal.ts';

/** What a column holds, as a person would write it down to compare: times and UUIDs are texts, numbers are numbers. */
export type PlainValue = string | number | boolean | null | object;

/** A row by the names of its columns. */
export type PlainRow = Readonly<Record<string, PlainValue>>;

type ValueReader = (field: Buffer) => PlainValue;

/** `PGCOPY\n\377\r\n\0`, flags and extension: so many bytes stand before the first row. */
const HEADER_BYTES = 19;
const TRAILER = -1;
const NULL_SIZE = -1;
const POSTGRES_EPOCH_US = 946_684_800_000_000n;

/** The inverse of `COLUMN_TYPES[type].write`. */
const READERS: Readonly<Record<Exclude<ColumnType, NumericType>, ValueReader>> = {
  text: readText,
  uuid: readUuid,
  boolean: (field) => field[0] === 1,
  // It came from a number of JavaScript, so it fits one again.
  bigint: (field) => Number(field.readBigInt64BE()),
  'double precision': (field) => field.readDoubleBE(),
  timestamptz: (field) => formatInstant(field.readBigInt64BE() + POSTGRES_EPOCH_US),
  // The first byte is the format's version.
  jsonb: (field) => JSON.parse(readText(field.subarray(1))) as PlainValue,
};

/**
 * Reads rows back out of chunks of COPY BINARY, as `CopyStream` hands them over: whole rows, in their order. So what is
 * shown is what Postgres would be given, and not what somebody thinks it is. Timestamps are printed as JavaScript does,
 * `2019-06-01T18:17:03.087Z`, with six digits where microseconds are told.
 */
export class CopyDecoder {
  readonly #columns: readonly Pick<ColumnSpec, 'name' | 'type'>[];
  #begun = false;

  constructor(columns: readonly Pick<ColumnSpec, 'name' | 'type'>[]) {
    this.#columns = columns;
  }

  *read(chunk: Buffer): Generator<PlainRow> {
    let at = this.#begun ? 0 : HEADER_BYTES;
    this.#begun = true;
    while (at < chunk.length) {
      const fields = chunk.readInt16BE(at);
      at += 2;
      if (fields === TRAILER) return;
      const row: Record<string, PlainValue> = {};
      for (const { name, type } of this.#columns) {
        const size = chunk.readInt32BE(at);
        at += 4;
        row[name] = size === NULL_SIZE ? null : readerOf(type)(chunk.subarray(at, at + size));
        at += Math.max(size, 0);
      }
      yield row;
    }
  }
}

function readerOf(type: ColumnType): ValueReader {
  return isNumeric(type) ? readDecimal : READERS[type];
}

function readText(field: Buffer): string {
  return field.toString('utf8');
}

function readUuid(field: Buffer): string {
  const hex = field.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function formatInstant(microseconds: bigint): string {
  const finer = ((microseconds % 1_000n) + 1_000n) % 1_000n;
  const text = new Date(Number((microseconds - finer) / 1_000n)).toISOString();
  return finer === 0n ? text : `${text.slice(0, -1)}${String(finer).padStart(3, '0')}Z`;
}
