import type { GenericSchema } from 'valibot';
import type { CodeDescription } from '../model/code-description.ts';
import type { DerivedSpec } from '../model/derived-spec.ts';
import type { FileFormat, FilesQuery } from '../model/file-format.ts';
import type { SourceSpec, TableSpec } from '../model/pipeline-spec.ts';
import { describeWindow } from '../model/window.ts';
import type { WindowKind } from '../model/window.ts';
import { describeContract } from './describe-contract.ts';
import { sha256Hex } from '../record/sha256-hex.ts';

/**
 * Raised when Hourloom itself starts to make other rows of the same input: every partition then counts as made by
 * other code.
 */
const ENGINE_VERSION = 1;

/** A code version, and what it is the hash of. */
export interface Code {
  readonly codeVersion: string;
  readonly code: CodeDescription;
}

/**
 * Changes when the same lines may give other rows: columns, key, contract, the field and value that choose this table,
 * and the statement that makes records of whole files. Names of people and prose are no part.
 */
export function tableCodeVersion(
  where: string,
  table: Omit<TableSpec, 'codeVersion'>,
  splitBy: string | undefined,
  contract: GenericSchema,
  query?: FilesQuery,
): Code {
  const { asset, columns, key, splitValue, parent, checks, asks } = table;
  const split = splitBy === undefined ? null : { by: splitBy, value: splitValue };
  const made = parent ? { parent: { kind: parent.kind, path: parent.path } } : {};
  const described = describeContract(where, contract);
  const asked = { ...(query ? { files: query } : {}), ...(asks === undefined ? {} : { asks }) };
  return digest({ asset, columns, key, split, contract: described, ...made, ...asked, ...checksCode(checks) });
}

/**
 * The code version of a table that has child tables, or is one: what a record gives to one of them hangs on all,
 * because its rows are written together or not at all. `family` are the versions that they would have alone.
 */
export function familyCodeVersion(own: Code, family: readonly string[]): Code {
  const versions = [...family].sort();
  const { codeVersion } = digest({ own: own.codeVersion, family: versions });
  return { codeVersion, code: { ...own.code, family: versions } };
}

/**
 * Changes when the same files may give another merged object, and when windows take their files by another rule: what an
 * older window was made of can then no longer be seen from its name. Which files there are is the manifest's to say.
 */
export function eventsCodeVersion(source: SourceSpec): Code {
  switch (source.kind) {
    case 's3':
      return digest({
        kind: source.kind,
        ...(source.hourOf === 'keyTime' ? {} : { hourOf: source.hourOf }),
        ...formatCode(source.format),
      });
    case 'http':
      return digest({ kind: source.kind, ...formatCode(source.format) });
    case 'code':
      return digest({ kind: source.kind, version: source.version });
  }
}

/** Lines of JSON are read as they always were. */
function formatCode(format: FileFormat | undefined): object {
  if (format === undefined || format.kind === 'jsonLines') return {};
  // What is asked of kept files is the tables' matter: another statement needs no new file.
  return { format: format.kind === 'parquet' && format.query ? { kind: format.kind, kept: true } : format };
}

/** All that the rows of a derived asset follow from, besides the rows that it reads. */
export interface DerivedCode
  extends Pick<DerivedSpec, 'asset' | 'reads' | 'computation'>, Pick<TableSpec, 'columns' | 'key' | 'checks'> {
  readonly window: WindowKind | undefined;
  /** What the rows of a function are held against. */
  readonly row: GenericSchema;
}

/**
 * Changes when the same inputs may give other rows: the statement to the letter or the function's version and contract,
 * columns, key, the kind of window, and which windows are read. Which window is the first is no part.
 */
export function derivedCodeVersion(where: string, code: DerivedCode): Code {
  const { asset, window, columns, key, reads, checks } = code;
  return digest({
    asset,
    window: window ? describeWindow(window) : null,
    columns,
    key,
    ...computationCode(where, code),
    reads,
    ...checksCode(checks),
  });
}

/** A contract can change values (`trim`), so it is part of what a function gives. A statement's row only names types. */
function computationCode(where: string, { computation, row }: DerivedCode): object {
  if (computation.kind === 'sql') return { statement: computation.statement };
  return { function: computation.version, contract: describeContract(where, row) };
}

/** What a partition was held to is part of how it was made. A table without checks has the version it always had. */
function checksCode(checks: TableSpec['checks']): object {
  return checks === undefined ? {} : { checks };
}

function digest(code: object): Code {
  const text = JSON.stringify({ engine: ENGINE_VERSION, ...code });
  return { codeVersion: sha256Hex(text), code: JSON.parse(text) as CodeDescription };
}

/**
 * Of a function's text without its white space. It is no part of any code version, because one text can come out of a
 * compiler in several ways: it only warns of a function that changed while its `version` did not.
 */
export function digestFunction(...functions: readonly unknown[]): string {
  return sha256Hex(functions.map((each) => String(each).replaceAll(/\s+/gu, '')).join('\n'));
}
