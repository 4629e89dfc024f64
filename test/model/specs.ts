import { parseAssetKey, parsePipelineName } from '../../model/asset-key.ts';
import type { AssetKey, PipelineName } from '../../model/asset-key.ts';
import type { DerivedSpec, ReadSpec } from '../../model/derived-spec.ts';
import type { Mapping } from '../../model/mapping.ts';
import type { PipelineSpec, TableSpec } from '../../model/pipeline-spec.ts';
import type { WindowSpec } from '../../model/window.ts';

export function utc(text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new Error(`"${text}" is no instant`);
  return at;
}

export function assetKey(text: string): AssetKey {
  const key = parseAssetKey(text);
  if (key === undefined) throw new Error(`"${text}" is no key of an asset`);
  return key;
}

export function pipelineName(text: string): PipelineName {
  const name = parsePipelineName(text);
  if (name === undefined) throw new Error(`"${text}" is no name of a pipeline`);
  return name;
}

export const HOURS: WindowSpec = { unit: 'hour', first: utc('2019-06-01T18:00:00Z') };
export const DAYS: WindowSpec = { unit: 'day', first: utc('2019-06-01T00:00:00Z') };
export const MONTHS: WindowSpec = { unit: 'month', first: utc('2019-06-01T00:00:00Z') };

/** A code version by its first digit. */
export function version(digit: string): string {
  return digit.repeat(64);
}

export function pipelineSpec(name: string, tables: readonly string[], window: WindowSpec = HOURS): PipelineSpec {
  return {
    name: pipelineName(name),
    source: { kind: 's3', bucket: name, pattern: '{yyyy}-{MM}-{dd}-{HH}', hourOf: 'keyTime', clockOffsetMinutes: 0 },
    window,
    settleMs: 300_000,
    latenessMs: 86_400_000,
    promiseMs: 1_200_000,
    splitBy: undefined,
    events: { asset: assetKey(`${name}/events`), codeVersion: version('e') },
    tables: tables.map((table) => tableSpec(`${name}/${table}`)),
  };
}

export function derivedSpec(
  key: string,
  window: WindowSpec | undefined,
  reads: Readonly<Record<string, Mapping>>,
): DerivedSpec {
  return {
    asset: assetKey(key),
    window,
    reads: Object.entries(reads).map(([asset, mapping]): ReadSpec => ({ asset: assetKey(asset), mapping })),
    when: 'any',
    computation: { kind: 'sql', statement: [] },
    table: tableSpec(key),
  };
}

function tableSpec(key: string): TableSpec {
  const [schema = '', name = key] = key.split('/');
  return {
    asset: assetKey(key),
    schema: pipelineName(schema),
    name,
    columns: [],
    key: ['id'],
    splitValue: undefined,
    codeVersion: version('1'),
  };
}
