/** A column of a small file; a timestamp in milliseconds since 1970. Null where a value is not known. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: 'timestamp' | 'double';
  readonly values: readonly (number | null)[];
}

const MAGIC = Array.from('PAR1', (letter) => letter.charCodeAt(0));
/** As Parquet numbers them: physical types, what they stand for, how values are encoded. */
const INT64 = 2;
const DOUBLE = 5;
const TIMESTAMP_MICROS = 10;
const OPTIONAL = 1;
const PLAIN = 0;
const RLE = 3;
const UNCOMPRESSED = 0;

/**
 * Writes columns of one length as a file of Parquet: one row group, one page a column, nothing packed. Enough for a
 * sample, which must be made without a database at hand; real files come from real writers.
 */
export function writeParquet(columns: readonly ParquetColumn[]): Uint8Array {
  const rows = columns[0]?.values.length ?? 0;
  const bytes: number[] = [...MAGIC];
  const chunks = columns.map((column) => {
    const offset = bytes.length;
    const page = encodePage(column);
    const header = new Thrift();
    header.integer(1, 0).integer(2, page.length).integer(3, page.length);
    header.struct(5, (data) => data.integer(1, rows).integer(2, PLAIN).integer(3, RLE).integer(4, RLE));
    for (const byte of header.end()) bytes.push(byte);
    for (const byte of page) bytes.push(byte);
    return { column, offset, size: bytes.length - offset };
  });
  const footer = encodeFooter(chunks, rows);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, footer.length, true);
  return Uint8Array.from([...bytes, ...footer, ...length, ...MAGIC]);
}

interface Chunk {
  readonly column: ParquetColumn;
  readonly offset: number;
  readonly size: number;
}

function encodeFooter(chunks: readonly Chunk[], rows: number): readonly number[] {
  const footer = new Thrift();
  footer.integer(1, 1);
  footer.list(2, [
    (root) => root.text(4, 'schema').integer(5, chunks.length),
    ...chunks.map(({ column: { name, type } }) => (field: Thrift) => {
      field.integer(1, physicalType(type)).integer(3, OPTIONAL).text(4, name);
      return type === 'timestamp' ? field.integer(6, TIMESTAMP_MICROS) : field;
    }),
  ]);
  footer.long(3, rows);
  footer.list(4, [
    (group) =>
      group
        .list(
          1,
          chunks.map(
            ({ column: { name, type }, offset, size }) =>
              (chunk: Thrift) =>
                chunk
                  .long(2, offset)
                  .struct(3, (data) =>
                    data
                      .integer(1, physicalType(type))
                      .integers(2, [PLAIN, RLE])
                      .texts(3, [name])
                      .integer(4, UNCOMPRESSED)
                      .long(5, rows)
                      .long(6, size)
                      .long(7, size)
                      .long(9, offset),
                  ),
          ),
        )
        .long(
          2,
          chunks.reduce((sum, { size }) => sum + size, 0),
        )
        .long(3, rows),
  ]);
  return footer.end();
}

function physicalType(type: ParquetColumn['type']): number {
  return type === 'timestamp' ? INT64 : DOUBLE;
}

/** Whether each value is there, one bit each, then those that are. */
function encodePage({ type, values }: ParquetColumn): readonly number[] {
  const groups = Math.ceil(values.length / 8);
  const levels = [...varint((groups << 1) | 1)];
  for (let group = 0; group < groups; group += 1) {
    let bits = 0;
    for (let bit = 0; bit < 8; bit += 1) if ((values[group * 8 + bit] ?? null) !== null) bits |= 1 << bit;
    levels.push(bits);
  }
  const known = values.filter((value) => value !== null);
  const data = new DataView(new ArrayBuffer(4 + known.length * 8));
  data.setUint32(0, levels.length, true);
  for (const [index, value] of known.entries()) {
    if (type === 'timestamp') data.setBigInt64(4 + index * 8, BigInt(value) * 1_000n, true);
    else data.setFloat64(4 + index * 8, value, true);
  }
  const all = new Uint8Array(data.buffer);
  return [...all.subarray(0, 4), ...levels, ...all.subarray(4)];
}

function varint(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}

/** Numbers are written so that small ones of either sign are short. */
function zigzag(value: number): readonly number[] {
  return varint(value < 0 ? -value * 2 - 1 : value * 2);
}

const I32 = 5;
const I64 = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

/** A struct in Thrift's compact protocol, in which Parquet says what is where. Fields come by rising number. */
class Thrift {
  readonly #bytes: number[] = [];
  #last = 0;

  integer(field: number, value: number): this {
    return this.#add(field, I32, zigzag(value));
  }

  long(field: number, value: number): this {
    return this.#add(field, I64, zigzag(value));
  }

  text(field: number, value: string): this {
    return this.#add(field, BINARY, encodeText(value));
  }

  struct(field: number, fill: (inner: Thrift) => Thrift): this {
    return this.#add(field, STRUCT, fill(new Thrift()).end());
  }

  list(field: number, fills: readonly ((inner: Thrift) => Thrift)[]): this {
    return this.#addList(
      field,
      STRUCT,
      fills.map((fill) => fill(new Thrift()).end()),
    );
  }

  integers(field: number, values: readonly number[]): this {
    return this.#addList(field, I32, values.map(zigzag));
  }

  texts(field: number, values: readonly string[]): this {
    return this.#addList(field, BINARY, values.map(encodeText));
  }

  end(): readonly number[] {
    return [...this.#bytes, 0];
  }

  #addList(field: number, type: number, items: readonly (readonly number[])[]): this {
    const head = items.length < 15 ? [(items.length << 4) | type] : [0xf0 | type, ...varint(items.length)];
    return this.#add(field, LIST, [...head, ...items.flat()]);
  }

  #add(field: number, type: number, value: readonly number[]): this {
    this.#bytes.push(((field - this.#last) << 4) | type, ...value);
    this.#last = field;
    return this;
  }
}

function encodeText(text: string): readonly number[] {
  const bytes = new TextEncoder().encode(text);
  return [...varint(bytes.length), ...bytes];
}
