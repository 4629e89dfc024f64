import type { GenericSchema } from 'valibot';
import type { PipelineName } from '../model/asset-key.ts';
import type { FilesQuery } from '../model/file-format.ts';
import type { ParentSpec, TableSpec } from '../model/pipeline-spec.ts';
import { familyCodeVersion, tableCodeVersion } from './code-version.ts';
import type { WindowKind } from '../model/window.ts';
import type { CheckFunctions } from '../record/check-function.ts';
import { DefinitionError } from './definition-error.ts';
import { digestRules } from './digest-rules.ts';
import { assertAsks } from './assert-asks.ts';
import { assertSetFits, readColumnSpec, withSetRules } from './set-rules.ts';
import { readChecks } from './read-checks.ts';
import { readSplitValue } from './split-value.ts';
import { makeAssetKey } from './table-name.ts';
import { readTable, tableIdentity } from './table.ts';
import type { ReadTable, Table } from './table.ts';

/** A table as data, the contract of the records that fill it, and the functions of its checks. */
export interface ReadSpec {
  readonly spec: TableSpec;
  readonly contract: GenericSchema;
  readonly checkFunctions: CheckFunctions;
}

/** The tables of a pipeline in the order in which they are loaded: as they were written, child tables last. */
export function readTableSpecs(
  pipelineName: PipelineName,
  tables: Readonly<Record<string, Table>>,
  splitBy: string | undefined,
  window: WindowKind,
  query?: FilesQuery,
): readonly ReadSpec[] {
  const read = Object.entries(tables).map(([name, table]) =>
    readSpec(pipelineName, name, table, { tables, splitBy, window, query }),
  );
  const specs = read.map((table) => ({ ...table, spec: withFamily(table.spec, read) }));
  assertSetFits(
    pipelineName,
    specs.map(({ spec }) => spec),
  );
  const isChild = ({ spec }: ReadSpec): boolean => spec.parent !== undefined;
  return [...specs.filter((table) => !isChild(table)), ...specs.filter(isChild)];
}

/** What a table is read among. */
interface Siblings {
  readonly tables: Readonly<Record<string, Table>>;
  readonly splitBy: string | undefined;
  readonly window: WindowKind;
  readonly query: FilesQuery | undefined;
}

function readSpec(
  pipelineName: PipelineName,
  name: string,
  table: Table,
  { tables, splitBy, window, query }: Siblings,
): ReadSpec {
  const where = `table '${pipelineName}/${name}'`;
  if (name === 'events') throw new DefinitionError(where, 'this name is taken by the merged object. Rename the table.');
  const read = readTable(where, table);
  const { contract, columns, parent, checks: written, asks } = read;
  const madeOf = { kind: parent ? 'parts' : 'records' } as const;
  const { checks, functions: checkFunctions } = readChecks(where, written, { columns, window, madeOf });
  const splitValue = splitBy === undefined ? undefined : readSplitValue(where, contract, splitBy);
  if (asks !== undefined) assertAsks(where, asks, columns);
  const plain = {
    asset: makeAssetKey(where, pipelineName, name),
    schema: pipelineName,
    name,
    columns: columns.map((column) => readColumnSpec(where, column, tables)),
    key: columns.filter((column) => column.isKey).map((column) => column.name),
    splitValue,
    ...(parent ? { parent: readParent(where, parent, tables) } : {}),
    ...(asks === undefined ? {} : { asks }),
    ...checks,
  };
  const spec = withSetRules(where, plain, read, tables);
  const code = tableCodeVersion(where, spec, splitBy, contract, query);
  // A child table follows its parent, which alone is chosen.
  const functionDigest = digestRules(contract);
  const made = { ...spec, splitValue: parent ? undefined : splitValue, ...code };
  return { spec: functionDigest === undefined ? made : { ...made, functionDigest }, contract, checkFunctions };
}

function readParent(
  where: string,
  { kind, path, identity }: NonNullable<ReadTable['parent']>,
  tables: Readonly<Record<string, Table>>,
): ParentSpec {
  const [parent, ...others] = Object.entries(tables).filter(([, table]) => tableIdentity(table) === identity);
  if (!parent) {
    throw new DefinitionError(
      where,
      `is made with ${kind}() of a table that the pipeline does not have. Add that one to \`tables\` too.`,
    );
  }
  if (others.length > 0) {
    throw new DefinitionError(
      where,
      `is made of a table with two names, "${parent[0]}" and "${others[0]![0]}". Leave one of them.`,
    );
  }
  return { table: parent[0], kind, path };
}

function withFamily(spec: TableSpec, all: readonly ReadSpec[]): TableSpec {
  const root = spec.parent?.table ?? spec.name;
  const family = all.filter((other) => other.spec.name === root || other.spec.parent?.table === root);
  if (family.length === 1) return spec;
  const versions = family.map((other) => other.spec.codeVersion);
  const { codeVersion, code = {} } = spec;
  return { ...spec, ...familyCodeVersion({ codeVersion, code }, versions) };
}
