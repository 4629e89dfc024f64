import type { ColumnSpec, ColumnType, NumericType } from '../model/column.ts';
import { isNumeric } from './column-type.ts';
import { CopyFields, NULL_SIZE } from './copy-fields.ts';
import { readDecimal } from './decimal.ts';
import { formatUuid } from './format-uuid.ts';

/** What a column holds, as a person would write it down to compare: times and UUIDs are texts, numbers are numbers. */
export type PlainValue = string | number | boolean | null | object;

/** A row by the names of its columns. */
export type PlainRow = Readonly<Record<string, PlainValue>>;

type ValueReader = (field: Buffer) => PlainValue;

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
  readonly #fields: CopyFields;

  constructor(columns: readonly Pick<ColumnSpec, 'name' | 'type'>[]) {
    this.#columns = columns;
    this.#fields = new CopyFields(columns.length);
  }

  *read(chunk: Buffer): Generator<PlainRow> {
    for (const { starts, sizes } of this.#fields.read(chunk)) {
      const row: Record<string, PlainValue> = {};
      for (const [index, { name, type }] of this.#columns.entries()) {
        const start = starts[index]!;
        const size = sizes[index]!;
        row[name] = size === NULL_SIZE ? null : readerOf(type)(chunk.subarray(start, start + size));
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
  return formatUuid(field.toString('hex'));
}

function formatInstant(microseconds: bigint): string {
  const finer = ((microseconds % 1_000n) + 1_000n) % 1_000n;
  const text = new Date(Number((microseconds - finer) / 1_000n)).toISOString();
  return finer === 0n ? text : `${text.slice(0, -1)}${String(finer).padStart(3, '0')}Z`;
}
