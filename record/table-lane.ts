import type { GenericSchema } from 'valibot';
import type { TableSpec } from '../model/pipeline-spec.ts';
import { compileAccept } from './accept.ts';
import type { Accept } from './accept.ts';
import type { CopyStream } from './copy-stream.ts';
import type { JsonObject } from './decode-line.ts';
import { compileEncoder } from './encode-copy.ts';
import type { RowEncoder } from './encode-copy.ts';
import { DUPLICATE, FateCounter, GOOD } from './fate.ts';
import type { Fate } from './fate.ts';
import { KeySet } from './key-set.ts';
import { quarantined } from './quarantined.ts';
import type { RecordPosition } from './split-lines.ts';

/** One table's part of the road: from a decoded record to its row. */
export class TableLane {
  readonly table: TableSpec;
  readonly fates = new FateCounter();
  readonly #accept: Accept;
  readonly #encoder: RowEncoder;
  readonly #keys: KeySet;

  constructor(table: TableSpec, contract: GenericSchema, maxKeys: number) {
    this.table = table;
    this.#accept = compileAccept(contract);
    this.#encoder = compileEncoder(table);
    this.#keys = new KeySet(maxKeys);
  }

  /** The rows of the records that were found good. */
  get rows(): CopyStream {
    return this.#encoder.stream;
  }

  /** Checks the contract, writes the row, and keeps it where its key is new. */
  carry(record: JsonObject, position: RecordPosition): Fate {
    const accepted = this.#accept(record);
    if (accepted.kind === 'quarantined') return accepted;
    const misfit = this.#encoder.encode(accepted.value, position);
    if (misfit) return misfit;

    switch (this.#keys.add(this.#encoder.fingerprint)) {
      case 'new':
        this.rows.keep();
        return GOOD;
      case 'same':
        return DUPLICATE;
      case 'conflict':
        return quarantined(
          'key_conflict',
          `a record with the same ${this.table.key.join(', ')} but other values came before`,
        );
    }
  }
}
