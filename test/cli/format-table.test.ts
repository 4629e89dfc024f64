import { expect, test } from 'vitest';
import { formatTable } from '../../cli/format-table.ts';

test('columns are as wide as their widest cell, numbers stand to the right, and null is a dash', () => {
  const table = formatTable([
    ['asset', 'rows', 'newest'],
    ['door2door/events', 12_345, '2019-06-01T18'],
    ['a', 7, null],
  ]);
  expect(table).toBe(
    ['asset             rows   newest', 'door2door/events  12345  2019-06-01T18', 'a                     7  –'].join(
      '\n',
    ),
  );
});

test('a heading alone is a table without rows', () => {
  expect(formatTable([['asset', 'rows']])).toBe('asset  rows');
});
