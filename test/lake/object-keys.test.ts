import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { partitionPrefix } from '../../lake/object-keys.ts';
import type { PipelineName } from '../../model/asset-key.ts';
import { windowAt } from '../../model/window.ts';
import type { WindowKind } from '../../model/window.ts';

const pipeline = 'door2door' as PipelineName;
const KINDS: readonly WindowKind[] = [
  { unit: 'hour' },
  { unit: 'day' },
  { unit: 'month' },
  { unit: 'every', ms: 900_000 },
  { unit: 'every', ms: 10_000 },
  { unit: 'every', ms: 500 },
];

test('a partition has a folder as deep as its window is short', () => {
  const start = Date.parse('2019-06-01T18:00:00Z');
  expect(KINDS.map((kind) => partitionPrefix('raw', kind, { pipeline, start }))).toEqual([
    'raw/door2door/2019/06/01/18/',
    'raw/door2door/2019/06/01/',
    'raw/door2door/2019/06/',
    'raw/door2door/2019/06/01/18/00/',
    'raw/door2door/2019/06/01/18/00/00/',
    'raw/door2door/2019/06/01/18/00/00/000/',
  ]);
});

test('no two windows of a pipeline share a folder', () => {
  fc.assert(
    fc.property(fc.constantFrom(...KINDS), fc.nat(1_000), fc.nat(1_000), (kind, one, other) => {
      const folder = (index: number) =>
        partitionPrefix('staged', kind, { pipeline, start: windowAt(kind, index).start });
      expect(folder(one) === folder(other)).toBe(one === other);
    }),
  );
});
