import { expect, test } from 'vitest';
import type { FieldValue } from '../../model/column.ts';
import { formatFieldPath } from '../../model/format-field-path.ts';
import type { ParentSpec } from '../../model/pipeline-spec.ts';

const parent: ParentSpec = { table: 'sales', kind: 'each', path: ['purchases', 'products'] };
const field = (path: readonly string[], ofElement?: true): FieldValue => ({
  kind: 'field',
  path,
  type: 'text',
  nullable: false,
  ...(ofElement ? { ofElement } : {}),
});

test.for([
  ['a field of a record', field(['data', 'location', 'lat']), undefined, 'data.location.lat'],
  ['a field of a list’s element', field(['sku'], true), parent, 'purchases.products[].sku'],
  ['a field within an element', field(['gift', 'text'], true), parent, 'purchases.products[].gift.text'],
  ['an element that is one value', field([], true), parent, 'purchases.products[]'],
  ['a field of the record around it', field(['id']), parent, 'id'],
] as const)('says where %s stands', ([, value, of, path]) => {
  expect(formatFieldPath(value, of)).toBe(path);
});
