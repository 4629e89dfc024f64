import type { GenericSchema } from 'valibot';
import type { TableSpec } from '../model/pipeline-spec.ts';
import { compileAccept } from './accept.ts';
import { compileNamesAnybody } from './asked-person.ts';
import type { Accept } from './accept.ts';
import type { ChildLane } from './child-lane.ts';
import { readShape } from './contract-shape.ts';
import type { ContractShape } from './contract-shape.ts';
import type { CopyStream } from './copy-stream.ts';
import type { JsonObject } from './decode-line.ts';
import { compileEncoder } from './encode-copy.ts';
import type { RowEncoder } from './encode-copy.ts';
import { DUPLICATE, FateCounter, GOOD } from './fate.ts';
import type { Fate } from './fate.ts';
import { FieldCounter } from './field-counter.ts';
import { findNewFields } from './find-fields.ts';
import { KeySet } from './key-set.ts';
import { quarantined } from './quarantined.ts';
import type { Quarantined } from './quarantined.ts';
import type { RecordPosition } from './split-lines.ts';

/** What a lane is made for. */
export interface LaneOptions {
  readonly contract: GenericSchema;
  readonly maxKeys: number;
  /** The tables that parts of its records are for. */
  readonly children: readonly ChildLane[];
}

/** One table's part of the road: from a decoded record to its row, and to the rows of its child tables. */
export class TableLane {
  readonly table: TableSpec;
  readonly children: readonly ChildLane[];
  readonly fates = new FateCounter();
  /** Fields of records that keep the contract, which does not know them. */
  readonly newFields: FieldCounter;
  /** Fields whose misfits became null. */
  readonly nulledFields: FieldCounter;
  readonly #accept: Accept;
  readonly #shape: ContractShape;
  readonly #encoder: RowEncoder;
  readonly #keys: KeySet;
  /** Only where records ask for erasures. */
  readonly #namesAnybody: ((record: unknown) => boolean) | undefined;

  constructor(table: TableSpec, { contract, maxKeys, children }: LaneOptions) {
    this.table = table;
    this.children = children;
    this.newFields = new FieldCounter(table.name);
    this.nulledFields = new FieldCounter(table.name);
    this.#accept = compileAccept(contract);
    this.#shape = readShape(contract);
    this.#encoder = compileEncoder(table);
    this.#keys = new KeySet(maxKeys);
    this.#namesAnybody = table.asks === 'erasure' ? compileNamesAnybody(table) : undefined;
  }

  /** The rows of the records that were found good. */
  get rows(): CopyStream {
    return this.#encoder.stream;
  }

  /**
   * Checks the contract, writes the rows, and keeps them where their keys are new: all rows of a record or none.
   * `names` is how many names of fields the record has, at all depths.
   */
  carry(record: JsonObject, position: RecordPosition, names?: number): Fate {
    const accepted = this.#accept(record, names);
    if (accepted.kind === 'quarantined') return accepted;
    if (!accepted.isKnown) this.newFields.add(findNewFields(this.#shape, record));
    if (accepted.nulled.length > 0) this.nulledFields.add(accepted.nulled);

    if (this.#namesAnybody?.(accepted.value) === false) {
      return quarantined('rule', 'it asks for an erasure, but names neither an id nor an e-mail');
    }
    const fate = this.#write(accepted.value, position) ?? this.#claimKeys();
    if (fate !== GOOD) {
      for (const child of this.children) child.drop();
      return fate;
    }
    this.rows.keep();
    for (const child of this.children) child.keep();
    return GOOD;
  }

  #write(value: unknown, position: RecordPosition): Quarantined | undefined {
    for (const child of this.children) child.begin();
    const misfit = this.#encoder.encode(value, position);
    if (misfit) return misfit;
    for (const child of this.children) {
      const misfit = child.write(value, position, this.#encoder.fingerprint.content);
      if (misfit) return misfit;
    }
    return undefined;
  }

  /** The record's own key first: whether it came before is what there is to say of it. */
  #claimKeys(): Fate {
    switch (this.#keys.add(this.#encoder.fingerprint)) {
      case 'new':
        break;
      case 'same':
        return DUPLICATE;
      case 'conflict':
        return quarantined(
          'key_conflict',
          `a record with the same ${this.table.key.join(', ')} but other values came before`,
        );
    }
    for (const child of this.children) {
      const conflict = child.claimKeys();
      if (!conflict) continue;
      this.#keys.remove(this.#encoder.fingerprint.key);
      return conflict;
    }
    return GOOD;
  }
}
