import assert from 'node:assert/strict';
import type postgres from 'postgres';
import type { AssetKey } from '../model/asset-key.ts';
import type { LedgerEntry } from '../model/ledger-entry.ts';
import type { InputWindows } from '../model/list-inputs.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import { TerminalError } from '../model/terminal-error.ts';
import { quoteIdentifier } from '../record/identifier.ts';
import { copyComputed } from './copy-computed.ts';
import type { ComputedCopy } from './copy-computed.ts';
import { digestInputs } from './digest-inputs.ts';
import { isHopeless } from './is-hopeless.ts';
import type { Transaction } from './open-warehouse.ts';

/** What a statement's `$1`, `$2`, … can stand for. */
export type StatementParameter = string | number | boolean | Date;

/** One table's new rows, computed from others within the publishing transaction. */
export type TableFill = StatementFill | FunctionFill;

interface Filled {
  readonly table: TableSpec;
  /** What is read. The loads of these partitions are the input digest of what is made. */
  readonly inputs: readonly InputWindows[];
  /** How many partitions that is when all of them are made. */
  readonly expected: number;
}

/** As the server computes them. */
export interface StatementFill extends Filled {
  /** One query, without a semicolon. It gives every column of the table by its name; others that it gives are left out. */
  readonly statement: string;
  readonly parameters: readonly StatementParameter[];
}

/** As a function computes them here, from rows that it reads. */
export interface FunctionFill extends Filled, ComputedCopy {}

/** The statement cannot run as it is, or not with what it reads. A person must change one of them. */
export class StatementError extends TerminalError {
  readonly asset: AssetKey;

  constructor(asset: AssetKey, cause: Error) {
    super(
      `The statement of ${asset} failed: ${cause.message}. Correct the statement or what it reads, then run the partition again.`,
      { cause },
    );
    this.name = 'StatementError';
    this.asset = asset;
  }
}

/**
 * Computes a table's new rows into it, under the transaction's load id, and returns what the ledger is to say of them.
 *
 * The inputs' loads are read before the first row, in a statement of their own: what is published between the two
 * makes the digest older than the rows, so that the partition counts as stale and is made again. Never the other way round.
 */
export async function fillTable(tx: Transaction, fill: TableFill, signal?: AbortSignal): Promise<LedgerEntry> {
  const { table, inputs, expected } = fill;
  const [input] = await digestInputs(tx, [inputs]);
  assert(input, 'each partition that is asked about gets its digest');
  return {
    asset: table.asset,
    inputDigest: input.digest,
    codeVersion: table.codeVersion,
    rowCount: 'copies' in fill ? await copyComputed(tx, fill, signal) : await insertComputed(tx, fill),
    counts: { inputs: input.made, expected },
    objectKey: undefined,
  };
}

/** Returns how many rows the server inserted. */
async function insertComputed(tx: Transaction, { table, statement, parameters }: StatementFill): Promise<number> {
  const columns = table.columns.map(({ name }) => quoteIdentifier(name));
  const computed = columns.map((column) => `computed.${column}`);
  const insert = [
    `insert into ${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)} (${columns.join(', ')})`,
    `select ${computed.join(', ')}`,
    // On lines of their own: the statement may end in a comment.
    `from (\n${statement}\n) as computed`,
  ].join('\n');
  try {
    const { count } = await tx.unsafe(insert, [...parameters], ONE_STATEMENT);
    return count;
  } catch (error) {
    throw isHopeless(error) ? new StatementError(table.asset, error) : error;
  }
}

/**
 * Without parameters the library would use the simple protocol, which takes several statements: one of them could be a
 * commit. It knows this option, its types do not.
 */
export const ONE_STATEMENT = { simple: false } as postgres.UnsafeQueryOptions;
