import type { GenericSchema } from 'valibot';
import type { S3SourceSpec, TableSpec } from '../model/pipeline-spec.ts';
import { describeContract } from './describe-contract.ts';
import { sha256Hex } from '../record/sha256-hex.ts';

/**
 * Raised when Hourloom itself starts to make other rows of the same input: every partition then counts as made by
 * other code.
 */
const ENGINE_VERSION = 1;

/**
 * Changes when the same lines may give other rows: columns, key, contract, and the field and value that choose this
 * table. Names of people and prose are no part.
 */
export function tableCodeVersion(
  where: string,
  table: Omit<TableSpec, 'codeVersion'>,
  splitBy: string | undefined,
  contract: GenericSchema,
): string {
  const { asset, columns, key, splitValue } = table;
  const split = splitBy === undefined ? null : { by: splitBy, value: splitValue };
  return digest({ asset, columns, key, split, contract: describeContract(where, contract) });
}

/** Changes when the same files may give another merged object. Which files there are is the manifest's to say. */
export function eventsCodeVersion(source: S3SourceSpec): string {
  return digest({ kind: source.kind });
}

function digest(code: object): string {
  return sha256Hex(JSON.stringify({ engine: ENGINE_VERSION, ...code }));
}
