import type { TableSpec } from '../model/pipeline-spec.ts';
import { hash128 } from './hashed-uuid.ts';
import { RowBuffer } from './row-buffer.ts';

/** Reads the 128 bits that a row's key is known by. `offsets` say where each field begins and where the row ends. */
export type KeyReader = (bytes: Uint8Array, offsets: Int32Array, key: Uint32Array) => void;

const SIZE_BYTES = 4;

/** A UUID is known by itself; any other key by a hash of its fields, each with its size, so that no two keys meet. */
export function compileKey(table: TableSpec): KeyReader {
  const columns = table.key.map((name) => table.columns.findIndex((column) => column.name === name));
  const [first] = columns;
  if (first === undefined || columns.includes(-1))
    throw new Error(`${table.asset}: its key names a column that it lacks.`);
  if (columns.length === 1 && table.columns[first]!.type === 'uuid') {
    return (bytes, offsets, key) => {
      const at = offsets[first]! + SIZE_BYTES;
      for (let word = 0; word < 4; word += 1) key[word] = readWord(bytes, at + word * 4);
    };
  }
  const scratch = new RowBuffer(256);
  return (bytes, offsets, key) => {
    scratch.length = 0;
    for (const column of columns) scratch.append(bytes, offsets[column]!, offsets[column + 1]!);
    const digest = Buffer.from(hash128(scratch.bytes.subarray(0, scratch.length)), 'latin1');
    for (let word = 0; word < 4; word += 1) key[word] = readWord(digest, word * 4);
  };
}

function readWord(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
