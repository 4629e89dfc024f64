import type { ColumnSpec, LineValue } from '../model/column.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import { columnTypeFacts } from './column-type.ts';
import { compileKey } from './compile-key.ts';
import { CopyStream } from './copy-stream.ts';
import { addToFingerprint } from './fingerprint.ts';
import { hash128 } from './hashed-uuid.ts';
import type { RowFingerprint } from './key-set.ts';
import { quarantined } from './quarantined.ts';
import type { Quarantined, QuarantineReason } from './quarantined.ts';
import { readTexts, readValue } from './read-value.ts';
import type { RowBuffer } from './row-buffer.ts';
import type { RecordPosition } from './split-lines.ts';

/** Writes records as rows of one table: all columns but `load_id`, which the table gives by itself when they are loaded. */
export interface RowEncoder {
  readonly stream: CopyStream;
  /** Of the row that was encoded last. Its content leaves out the record's position, so that a repeated record is known. */
  readonly fingerprint: RowFingerprint;
  /**
   * Begins and writes a record's row in `stream`, which keeps it only when it is told to. A row of a child table is made
   * of one `element` of its record too, at `index`, counted from 1.
   */
  encode(record: unknown, position: RecordPosition, element?: unknown, index?: number): Quarantined | undefined;
}

/** Writes one field of a row; gives the reason where the column cannot hold the value. */
type ColumnWriter = (
  row: RowBuffer,
  record: unknown,
  position: RecordPosition,
  element: unknown,
  index: number,
) => QuarantineReason | undefined;

const NULL_SIZE = -1;

/** Makes the encoder of one table. */
export function compileEncoder(table: TableSpec): RowEncoder {
  const writers = table.columns.map((column) => compileColumn(table, column));
  const contentRuns = findContentRuns(table.columns);
  const readKey = compileKey(table);
  const stream = new CopyStream();
  const fingerprint = { key: new Uint32Array(4), content: new Uint32Array(2) };
  /** Where each field begins, and where the row ends. */
  const offsets = new Int32Array(writers.length + 1);

  return {
    stream,
    fingerprint,
    encode(record, position, element, at = 0) {
      const { row } = stream;
      stream.begin(writers.length);
      for (let index = 0; index < writers.length; index += 1) {
        offsets[index] = row.length;
        const reason = writers[index]!(row, record, position, element, at);
        if (reason) return quarantined(reason, `column ${table.columns[index]!.name} cannot hold the value`);
      }
      offsets[writers.length] = row.length;

      readKey(row.bytes, offsets, fingerprint.key);
      fingerprint.content.fill(0);
      for (const { from, to } of contentRuns)
        addToFingerprint(fingerprint.content, row.bytes, offsets[from]!, offsets[to]!);
      return undefined;
    },
  };
}

/** The stretches of columns that do not tell a record's position: `from` is in it, `to` is not. */
function findContentRuns(columns: readonly ColumnSpec[]): readonly { readonly from: number; readonly to: number }[] {
  const cuts = [-1, ...columns.flatMap(({ value }, index) => (value.kind === 'line' ? [index] : [])), columns.length];
  return cuts
    .slice(1)
    .map((cut, index) => ({ from: cuts[index]! + 1, to: cut }))
    .filter(({ from, to }) => from < to);
}

function compileColumn(table: TableSpec, { name, nullable, type, value }: ColumnSpec): ColumnWriter {
  switch (value.kind) {
    case 'line':
      return compileLine(value.of);
    case 'hashed_uuid':
      return (row, record, _, element) => writeHashedUuid(row, readTexts(record, value.of, element));
    case 'computed':
      throw new Error(`${table.asset}: column "${name}" is computed by a statement; no record fills it.`);
    case 'field': {
      const { write } = columnTypeFacts(type);
      const { path, ofElement } = value;
      return (row, record, _, element) => {
        const found = readValue(ofElement ? element : record, path);
        if (found !== null) return write(row, found);
        if (!nullable)
          throw new Error(`${table.asset}: column "${name}" is not nullable, but its contract let null pass.`);
        row.writeInt32(NULL_SIZE);
        return undefined;
      };
    }
  }
}

function compileLine(of: LineValue['of']): ColumnWriter {
  switch (of) {
    case 'source_key':
      return compileSourceKey();
    case 'number':
      return (row, _, position) => writeInteger(row, position.line);
    case 'index':
      return (row, _record, _position, _element, index) => writeInteger(row, index);
  }
}

/** A file's lines come together, so that its key is encoded once. */
function compileSourceKey(): ColumnWriter {
  let lastKey: string | undefined;
  let text: Buffer = Buffer.alloc(0);
  return (row, _, { sourceKey }) => {
    if (sourceKey !== lastKey) {
      text = Buffer.from(sourceKey.replaceAll('\0', '\ufffd'), 'utf8');
      lastKey = sourceKey;
    }
    row.writeInt32(text.length);
    row.append(text, 0, text.length);
    return undefined;
  };
}

function writeInteger(row: RowBuffer, value: number): undefined {
  row.writeInt32(8);
  row.writeInt64(value);
}

function writeHashedUuid(row: RowBuffer, text: string): undefined {
  row.writeInt32(16);
  const bytes = row.reserve(16);
  const digest = hash128(text);
  for (let index = 0; index < 16; index += 1) bytes[row.length + index] = digest.charCodeAt(index);
  row.length += 16;
}
