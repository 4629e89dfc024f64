import { Buffer } from 'node:buffer';
import type { ParentSpec, TableSpec } from '../model/pipeline-spec.ts';
import type { CopyStream } from './copy-stream.ts';
import { compileEncoder } from './encode-copy.ts';
import type { RowEncoder } from './encode-copy.ts';
import { addToFingerprint } from './fingerprint.ts';
import { KeySet } from './key-set.ts';
import { quarantined } from './quarantined.ts';
import type { Quarantined } from './quarantined.ts';
import { readValue } from './read-value.ts';
import type { RecordPosition } from './split-lines.ts';

/** The rows of one record in one child table: a long text of the record could stand in each of them. */
const MAX_RECORD_BYTES = 16 * 1_048_576;
const PRINT_WORDS = 6;

/**
 * One child table's part of the road: from the elements of a record to their rows. The rows of a record are written
 * first, and kept or taken away as a whole.
 *
 *     begin ─> write ─> claimKeys ─> keep
 *       └────────┴──────────┴──────> drop
 */
export class ChildLane {
  readonly table: TableSpec;
  readonly #parent: ParentSpec;
  readonly #encoder: RowEncoder;
  readonly #keys: KeySet;
  /** Of each row that is written and not kept: its key, then its content. */
  #prints = new Uint32Array(64 * PRINT_WORDS);
  #written = 0;
  #claimed = 0;
  #begin = 0;
  #rowCount = 0;

  constructor(table: TableSpec, parent: ParentSpec, maxKeys: number) {
    this.table = table;
    this.#parent = parent;
    this.#encoder = compileEncoder(table);
    this.#keys = new KeySet(maxKeys);
  }

  /** The rows that are kept. */
  get rows(): CopyStream {
    return this.#encoder.stream;
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  /** Begins a record. */
  begin(): void {
    this.#written = 0;
    this.#claimed = 0;
    this.#begin = this.rows.size;
  }

  /** Writes the rows of the record, and adds what they hold to `content`: a repeated record repeats them too. */
  write(record: unknown, position: RecordPosition, content: Uint32Array): Quarantined | undefined {
    const found = readValue(record, this.#parent.path);
    if (this.#parent.kind === 'part')
      return found === null ? undefined : this.#writeRow(record, position, found, content);
    if (!Array.isArray(found)) return undefined;
    for (const element of found) {
      const misfit = this.#writeRow(record, position, element, content);
      if (misfit) return misfit;
    }
    return undefined;
  }

  /** Takes the keys of the written rows, up to the first that is taken. */
  claimKeys(): Quarantined | undefined {
    for (; this.#claimed < this.#written; this.#claimed += 1) {
      const print = this.#printAt(this.#claimed);
      if (this.#keys.add(print) !== 'new') {
        const { name, key } = this.table;
        return quarantined(
          'key_conflict',
          `${name} ${this.#claimed + 1}: a row with the same ${key.join(', ')} came before`,
        );
      }
    }
    return undefined;
  }

  /** Keeps the written rows; all of their keys are claimed. */
  keep(): void {
    this.#rowCount += this.#written;
  }

  /** Takes the written rows away, and gives back the keys that they claimed. */
  drop(): void {
    while (this.#claimed > 0) {
      this.#claimed -= 1;
      this.#keys.remove(this.#printAt(this.#claimed).key);
    }
    this.rows.rewind(this.#begin);
  }

  #writeRow(
    record: unknown,
    position: RecordPosition,
    element: unknown,
    content: Uint32Array,
  ): Quarantined | undefined {
    const index = this.#written + 1;
    const misfit = this.#encoder.encode(record, position, element, index);
    if (misfit) return quarantined(misfit.reason, `${this.table.name} ${index}: ${misfit.detail}`);
    this.rows.keep();
    if (this.rows.size - this.#begin > MAX_RECORD_BYTES) {
      return quarantined('rows_too_large', `its rows in ${this.table.name} take more than ${MAX_RECORD_BYTES} bytes`);
    }
    const { fingerprint } = this.#encoder;
    this.#remember(fingerprint.key, fingerprint.content);
    const words = Buffer.from(fingerprint.content.buffer);
    addToFingerprint(content, words, 0, words.length);
    return undefined;
  }

  #remember(key: Uint32Array, content: Uint32Array): void {
    const at = this.#written * PRINT_WORDS;
    if (at === this.#prints.length) {
      const larger = new Uint32Array(at * 2);
      larger.set(this.#prints);
      this.#prints = larger;
    }
    this.#prints.set(key, at);
    this.#prints.set(content, at + 4);
    this.#written += 1;
  }

  #printAt(row: number): { key: Uint32Array; content: Uint32Array } {
    const at = row * PRINT_WORDS;
    return { key: this.#prints.subarray(at, at + 4), content: this.#prints.subarray(at + 4, at + PRINT_WORDS) };
  }
}
