import { describeSource } from '../../model/describe-source.ts';
import { describeRule } from '../../model/check-spec.ts';
import type { CheckSpec } from '../../model/check-spec.ts';
import type { ColumnSpec, ColumnValue, LineValue } from '../../model/column.ts';
import type { Computation, DerivedSpec } from '../../model/derived-spec.ts';
import { formatFieldPath } from '../../model/format-field-path.ts';
import type { ParentSpec, PipelineSpec, TableSpec } from '../../model/pipeline-spec.ts';
import { isShown } from '../../model/rule-set.ts';
import { formatOf } from '../../model/file-format.ts';
import { formatPartition, formatWindowKind } from '../../model/window.ts';
import type { Command } from '../command.ts';

/** Lists what is declared: every asset with its columns, and where each column's value comes from. */
export const assets: Command = async ({ output, loadDefinitions }) => {
  const { pipelines, derived } = await loadDefinitions();
  const specs = [...pipelines.values()].map(({ spec }) => spec);
  const computed = [...derived.values()];
  output.result(
    { assets: [...specs.flatMap(describeAssets), ...computed.map(describeDerived)] },
    [...specs.map(writePipeline), ...computed.map(writeDerived)].join('\n\n'),
  );
};

function describeAssets({ name, events, tables, source, description }: PipelineSpec): readonly object[] {
  const merged = {
    asset: events.asset,
    pipeline: name,
    kind: 'merged objects',
    description: description ?? null,
    codeVersion: events.codeVersion,
    source: describeSource(source),
    hourOf: source.kind === 's3' ? source.hourOf : null,
    format: formatOf(source).kind,
  };
  return [merged, ...tables.map((table) => ({ ...describeTable(table), pipeline: name, kind: 'table' }))];
}

function describeDerived({ window, reads, table, computation, description }: DerivedSpec): object {
  return {
    ...describeTable(table, writeComputation(computation)),
    kind: 'derived',
    description: description ?? null,
    window: window ? formatWindowKind(window) : null,
    reads: reads.map(({ asset, mapping }) => ({ asset, mapping })),
  };
}

function describeTable(table: TableSpec, computed = ''): object {
  const { asset, codeVersion, key, columns, parent, checks = [] } = table;
  return {
    asset,
    ...(parent ? { partOf: describeParent(table, parent) } : {}),
    codeVersion,
    key,
    columns: columns.filter(isShown).map(({ name, type, nullable, value }) => ({
      name,
      type,
      nullable,
      from: writeValue(value, parent, computed),
    })),
    checks: checks.map(({ name, blocking, rule }) => ({ name, blocking, expects: describeRule(rule) })),
  };
}

function writePipeline({ name, window, source, events, tables, description }: PipelineSpec): string {
  const format = formatOf(source).kind;
  const files = `from ${describeSource(source)}${format === 'jsonLines' ? '' : ` as ${format}`}${source.kind === 's3' && source.hourOf === 'lastModified' ? ' by when the files were last written' : ''}`;
  const heading = `${name}: one window per ${window.unit} from ${formatPartition(window, window.first)}, ${files}`;
  const about = description === undefined ? [] : [`  ${description}`];
  const merged = `  ${events.asset}  (the merged object of a window)`;
  return [heading, ...about, merged, ...tables.map((table) => writeTable(table))].join('\n');
}

function writeDerived({ asset, window, reads, table, computation, description }: DerivedSpec): string {
  const windows = window
    ? `one window per ${formatWindowKind(window)} from ${formatPartition(window, window.first)}`
    : 'one whole';
  const heading = `${asset}: ${windows}, computed from ${reads.map((read) => read.asset).join(', ')}`;
  const about = description === undefined ? [] : [`  ${description}`];
  return [heading, ...about, writeTable(table, writeComputation(computation))].join('\n');
}

function writeTable(table: TableSpec, computed = ''): string {
  const { asset, columns, key, parent, checks = [] } = table;
  const made = parent ? `  (${describeParent(table, parent)})` : '';
  return [
    `  ${asset}${made}`,
    ...columns
      .filter(isShown)
      .map((column) => `    ${writeColumn(column, parent, key.includes(column.name), computed)}`),
    ...checks.map((check) => `    ${writeCheck(check)}`),
  ].join('\n');
}

/** `blocking check row_count: at least 1` */
function writeCheck({ name, blocking, rule }: CheckSpec): string {
  return `${blocking ? 'blocking check' : 'check'} ${name}: ${describeRule(rule)}`;
}

/** What of a record makes a row of a child table: `each of purchases.products of retail/transactions`. */
function describeParent({ schema }: TableSpec, { table, kind, path }: ParentSpec): string {
  return `${kind === 'each' ? 'each of ' : ''}${path.join('.')} of ${schema}/${table}`;
}

/** `vehicle_latitude double precision null <- data.location.lat` */
function writeColumn(
  { name, type, nullable, value }: ColumnSpec,
  parent: ParentSpec | undefined,
  isKey: boolean,
  computed: string,
): string {
  return `${name} ${type}${nullable ? ' null' : ''}${isKey ? ' key' : ''} <- ${writeValue(value, parent, computed)}`;
}

/** `computed` says what gives the columns that are computed. */
function writeValue(value: ColumnValue, parent: ParentSpec | undefined, computed: string): string {
  switch (value.kind) {
    case 'field':
      return formatFieldPath(value, parent);
    case 'hashed_uuid':
      return `hashed uuid of ${value.of.map((field) => formatFieldPath(field, parent)).join(', ')}`;
    case 'line':
      return LINE_VALUES[value.of];
    case 'computed':
      return computed;
  }
}

const LINE_VALUES: Readonly<Record<LineValue['of'], string>> = {
  source_key: 'the source object’s key',
  number: 'the line’s number',
  index: 'the element’s number',
};

function writeComputation(computation: Computation): string {
  return computation.kind === 'sql' ? 'the statement' : `the function, version ${computation.version}`;
}
