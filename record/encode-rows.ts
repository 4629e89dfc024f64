import type { GenericSchema } from 'valibot';
import type { AssetKey } from '../model/asset-key.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import { TerminalError } from '../model/terminal-error.ts';
import { compileAccept } from './accept.ts';
import type { JsonObject } from './decode-line.ts';
import { compileEncoder } from './encode-copy.ts';

/** A function gave a row that its asset's `row` refuses. Derived data has no quarantine: the function must be corrected. */
export class RowRefusedError extends TerminalError {
  readonly asset: AssetKey;

  constructor(asset: AssetKey, row: number, detail: string) {
    super(`Row ${row} that the function of ${asset} gave is refused: ${detail}. Correct the function or its \`row\`.`);
    this.name = 'RowRefusedError';
    this.asset = asset;
  }
}

/** Enough for one message to the server; more only costs memory. In bytes. */
const COPY_BYTES = 1024 * 1024;

/**
 * Holds computed rows against their contract and writes them, in pieces that are each a whole COPY BINARY: between two
 * of them the connection is free to read. Throws a `RowRefusedError` at the first row that does not fit.
 */
export async function* encodeRows(
  table: TableSpec,
  contract: GenericSchema,
  rows: AsyncIterable<unknown>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const accept = compileAccept(contract);
  const { stream, encode } = compileEncoder(byName(table));
  let row = 0;
  let waiting = 0;
  for await (const given of rows) {
    row += 1;
    const accepted = accept(given as JsonObject);
    if (accepted.kind === 'quarantined') throw new RowRefusedError(table.asset, row, accepted.detail);
    const misfit = encode(accepted.value, { sourceKey: '', line: row });
    if (misfit) throw new RowRefusedError(table.asset, row, misfit.detail);
    stream.keep();
    waiting += 1;
    if (stream.size < COPY_BYTES) continue;
    yield stream.finish();
    stream.restart();
    waiting = 0;
  }
  if (waiting > 0) yield stream.finish();
}

/** Each column is filled from the row's value of its name. */
function byName(table: TableSpec): TableSpec {
  const columns = table.columns.map(({ name, type, nullable }) => ({
    name,
    type,
    nullable,
    value: { kind: 'field', path: [name], type, nullable } as const,
  }));
  return { ...table, columns };
}
