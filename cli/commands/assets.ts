import type { ColumnSpec, ColumnValue } from '../../model/column.ts';
import type { PipelineSpec } from '../../model/pipeline-spec.ts';
import { formatPartition } from '../../model/window.ts';
import type { Command } from '../command.ts';

/** Lists what is declared: every asset with its columns, and where each column's value comes from. */
export const assets: Command = async ({ output, loadDefinitions }) => {
  const { pipelines } = await loadDefinitions();
  const specs = [...pipelines.values()].map(({ spec }) => spec);
  output.result({ assets: specs.flatMap(describeAssets) }, specs.map(writePipeline).join('\n\n'));
};

function describeAssets({ name, events, tables, source }: PipelineSpec): readonly object[] {
  const merged = {
    asset: events.asset,
    pipeline: name,
    kind: 'merged objects',
    codeVersion: events.codeVersion,
    source: `s3://${source.bucket}/${source.pattern}`,
  };
  return [
    merged,
    ...tables.map(({ asset, codeVersion, key, columns }) => ({
      asset,
      pipeline: name,
      kind: 'table',
      codeVersion,
      key,
      columns: columns.map((column) => ({
        name: column.name,
        type: column.type,
        nullable: column.nullable,
        from: writeValue(column.value),
      })),
    })),
  ];
}

function writePipeline({ name, window, source, events, tables }: PipelineSpec): string {
  const heading = `${name}: one window per ${window.unit} from ${formatPartition(window, window.first)}, files s3://${source.bucket}/${source.pattern}`;
  const written = tables.map(({ asset, columns, key }) =>
    [`  ${asset}`, ...columns.map((column) => `    ${writeColumn(column, key.includes(column.name))}`)].join('\n'),
  );
  return [heading, `  ${events.asset}  (the merged object of a window)`, ...written].join('\n');
}

/** `vehicle_latitude double precision null <- data.location.lat` */
function writeColumn({ name, type, nullable, value }: ColumnSpec, isKey: boolean): string {
  return `${name} ${type}${nullable ? ' null' : ''}${isKey ? ' key' : ''} <- ${writeValue(value)}`;
}

function writeValue(value: ColumnValue): string {
  switch (value.kind) {
    case 'field':
      return value.path.join('.');
    case 'hashed_uuid':
      return `hashed uuid of ${value.of.map((field) => field.path.join('.')).join(', ')}`;
    case 'line':
      return value.of === 'source_key' ? 'the source object’s key' : 'the line’s number';
  }
}
