import type { GenericSchema } from 'valibot';
import type { DerivedSpec } from '../model/derived-spec.ts';
import type { SourceSpec, TableSpec } from '../model/pipeline-spec.ts';
import type { WindowKind } from '../model/window.ts';
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
  const { asset, columns, key, splitValue, parent } = table;
  const split = splitBy === undefined ? null : { by: splitBy, value: splitValue };
  const made = parent ? { parent: { kind: parent.kind, path: parent.path } } : {};
  return digest({ asset, columns, key, split, contract: describeContract(where, contract), ...made });
}

/**
 * The code version of a table that has child tables, or is one: what a record gives to one of them hangs on all,
 * because its rows are written together or not at all. `family` are the versions that they would have alone.
 */
export function familyCodeVersion(own: string, family: readonly string[]): string {
  return digest({ own, family: [...family].sort() });
}

/**
 * Changes when the same files may give another merged object, and when windows take their files by another rule: what an
 * older window was made of can then no longer be seen from its name. Which files there are is the manifest's to say.
 */
export function eventsCodeVersion(source: SourceSpec): string {
  switch (source.kind) {
    case 's3':
      return digest(source.hourOf === 'keyTime' ? { kind: source.kind } : { kind: source.kind, hourOf: source.hourOf });
    case 'http':
      return digest({ kind: source.kind });
    case 'code':
      return digest({ kind: source.kind, version: source.version });
  }
}

/** All that the rows of a derived asset follow from, besides the rows that it reads. */
export interface DerivedCode
  extends Pick<DerivedSpec, 'asset' | 'reads' | 'computation'>, Pick<TableSpec, 'columns' | 'key'> {
  readonly window: WindowKind | undefined;
  /** What the rows of a function are held against. */
  readonly row: GenericSchema;
}

/**
 * Changes when the same inputs may give other rows: the statement to the letter or the function's version and contract,
 * columns, key, the kind of window, and which windows are read. Which window is the first is no part.
 */
export function derivedCodeVersion(where: string, code: DerivedCode): string {
  const { asset, window, columns, key, reads } = code;
  const kind = window && (window.unit === 'every' ? { unit: window.unit, ms: window.ms } : { unit: window.unit });
  return digest({ asset, window: kind ?? null, columns, key, ...computationCode(where, code), reads });
}

/** A contract can change values (`trim`), so it is part of what a function gives. A statement's row only names types. */
function computationCode(where: string, { computation, row }: DerivedCode): object {
  if (computation.kind === 'sql') return { statement: computation.statement };
  return { function: computation.version, contract: describeContract(where, row) };
}

function digest(code: object): string {
  return sha256Hex(JSON.stringify({ engine: ENGINE_VERSION, ...code }));
}
