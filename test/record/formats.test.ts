import { expect, test } from 'vitest';
import type { FileFormat } from '../../model/file-format.ts';
import type { PipelineDefinition } from '../../record/pipeline-definition.ts';
import { file, runRoad, vehicleLine, vehicles } from './run-road.ts';

function inFormat(format: FileFormat): PipelineDefinition {
  const { source } = vehicles.spec;
  if (source.kind !== 's3') throw new Error('Vehicles are read from a bucket.');
  return { ...vehicles, spec: { ...vehicles.spec, source: { ...source, format } } };
}

test('a row of CSV that came as a list is held back with its cells, also where it is the first or only one', () => {
  const csv = inFormat({ kind: 'csv', separator: ',' });
  expect(runRoad(csv, [file('f', '["vehicle","update"]\n')]).held).toEqual([
    {
      asset: 'fleet/events',
      sourceKey: 'f',
      line: 1,
      reason: 'column_count',
      detail: 'the row has 2 cells, and the header names another number',
      excerpt: '["vehicle","update"]',
    },
  ]);
  const { result } = runRoad(csv, [file('f', `["a"]\n${vehicleLine('v')}\n`)]);
  expect(result.lines).toEqual({ lines: 2, good: 1, duplicate: 0, quarantined: 1 });
});

test('an element of a document that is no object is held back as such', () => {
  const { held, result } = runRoad(inFormat({ kind: 'jsonDocument', records: undefined }), [
    file('f', `[1, 2]\n${vehicleLine('v')}\n"x"\n`),
  ]);
  expect(held.map(({ line, reason }) => [line, reason])).toEqual([
    [1, 'not_object'],
    [3, 'not_object'],
  ]);
  expect(result.lines.good).toBe(1);
});

test('a file of JSON lines that is one list still gives its elements, and rejected files their detail', () => {
  const { result, held } = runRoad(vehicles, [
    file('f', `[${vehicleLine('a')}, ${vehicleLine('b')}]`),
    { source: 'g', rejected: 'gzip' },
    { source: 'h', rejected: 'csv', detail: 'its header names "a" twice' },
  ]);
  expect(result.lines.good).toBe(2);
  expect(held.map(({ sourceKey, line, reason, detail }) => [sourceKey, line, reason, detail])).toEqual([
    ['g', 0, 'gzip', 'the file could not be used'],
    ['h', 0, 'csv', 'its header names "a" twice'],
  ]);
});
