import { expect, test } from 'vitest';
import type { SqlPart } from '../../model/derived-spec.ts';
import { renderStatement } from '../../record/render-statement.ts';

const parts: readonly SqlPart[] = [
  { kind: 'text', text: 'select id from ' },
  { kind: 'table', schema: 'fleet', name: 'order' },
  { kind: 'text', text: ' where at <@ ' },
  { kind: 'window' },
  { kind: 'text', text: ' -- the end' },
];

test('tables stand by their names, quoted where they must be, and the window as a constant without its end', () => {
  const window = { start: Date.parse('2019-06-01T00:00:00Z'), end: Date.parse('2019-06-02T00:00:00Z') };
  expect(renderStatement(parts, window)).toEqual({
    statement:
      'select id from fleet."order" where at <@ ' +
      "'[2019-06-01T00:00:00.000Z,2019-06-02T00:00:00.000Z)'::tstzrange -- the end\n",
    parameters: [],
  });
});

test('a window that is not there is a mistake of ours', () => {
  expect(() => renderStatement(parts, undefined)).toThrow(
    'A statement asks for a window, but its asset has no partitions.',
  );
});
