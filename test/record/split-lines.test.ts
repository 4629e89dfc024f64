import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FileSegment } from '../../record/segment.ts';
import { LineSplitter, MAX_DOCUMENT_BYTES, MAX_LINE_BYTES } from '../../record/split-lines.ts';

type Given = readonly [line: number, text: string];

function split(segments: Iterable<FileSegment>): { lines: Given[]; tooLarge: Given[]; tails: string[] } {
  const given = { lines: [] as Given[], tooLarge: [] as Given[], tails: [] as string[] };
  const splitter = new LineSplitter({
    line: ({ bytes, start, end, isTail }, position) => {
      given.lines.push([position.line, bytes.toString('utf8', start, end)]);
      if (isTail) given.tails.push(bytes.toString('utf8', start, end));
    },
    tooLarge: ({ reason }, position) => void given.tooLarge.push([position.line, reason]),
  });
  for (const segment of segments) splitter.push(segment);
  splitter.finish();
  return given;
}

/** A file cut at these places; `line` as the merged object says it. */
function cut(bytes: Buffer, places: readonly number[]): FileSegment[] {
  const cuts = [0, ...places.toSorted((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((to, index) => ({
    source: 'f',
    line: 1 + bytes.subarray(0, cuts[index]).filter((byte) => byte === 0x0a).length,
    last: index === cuts.length - 2,
    bytes: bytes.subarray(cuts[index], to),
  }));
}

const whole = (text: string) => split(cut(Buffer.from(text), []));

test('gives each line with its number, and skips blank ones', () => {
  expect(whole('a\n\n  \t\nb\r\n\r\nc')).toEqual({
    lines: [
      [1, 'a'],
      [4, 'b'],
      [6, 'c'],
    ],
    tooLarge: [],
    tails: ['c'],
  });
  expect(whole('')).toEqual({ lines: [], tooLarge: [], tails: [] });
  expect(whole('a\n').tails).toEqual([]);
});

test('takes a lone carriage return for a part of the line', () => {
  expect(whole('a\rb\n').lines).toEqual([[1, 'a\rb']]);
});

test('gives the same lines wherever a file is cut', () => {
  const texts = fc.array(fc.constantFrom('{"a":1}', 'ü', '\n', '\r\n', ' ', '[', '"', '𝄞', ',', ']'), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(texts, fc.array(fc.nat(), { maxLength: 6 }), (parts, places) => {
      const bytes = Buffer.from(parts.join(''));
      const inside = places.map((place) => place % (bytes.length + 1));
      expect(split(cut(bytes, inside))).toEqual(split(cut(bytes, [])));
    }),
    { numRuns: 3_000 },
  );
});

test('gives a line of exactly the limit, and holds back one byte more, without holding it', () => {
  const line = 'x'.repeat(MAX_LINE_BYTES);
  expect(whole(`a\n${line}\nb`).lines.map(([number, text]) => [number, text.length])).toEqual([
    [1, 1],
    [2, MAX_LINE_BYTES],
    [3, 1],
  ]);
  const bytes = Buffer.from(`a\n${line}x\nb\n`);
  for (const places of [[], [100, 700_000], [bytes.length - 3]]) {
    expect(split(cut(bytes, places))).toEqual({
      lines: [
        [1, 'a'],
        [3, 'b'],
      ],
      tooLarge: [[2, 'line_too_long']],
      tails: [],
    });
  }
});

test('gives the elements of a file that is one array, with their numbers', () => {
  const elements = ['{"a":[1,"],"]}', '{"b":"\\"]"}', '3', 'nonsense', ''];
  expect(whole(` [${elements.join(' ,\n ')}]\n`).lines).toEqual(elements.map((text, index) => [index + 1, text]));
  expect(whole('[]\n')).toEqual({ lines: [], tooLarge: [], tails: [] });
});

test('gives lines where a file begins as an array but is not one', () => {
  expect(whole('[1]\n{"a":1}\n').lines).toEqual([
    [1, '[1]'],
    [2, '{"a":1}'],
  ]);
  expect(whole('[{"a":1},\n{"a":2}').lines).toEqual([
    [1, '[{"a":1},'],
    [2, '{"a":2}'],
  ]);
});

test('holds back an array that is too large to be held', () => {
  const piece = Buffer.alloc(1_048_576, ' ');
  piece[0] = 0x5b;
  const pieces = MAX_DOCUMENT_BYTES / piece.length + 2;
  const segments = Array.from({ length: pieces }, (_, index) => ({
    source: 'f',
    line: 1,
    last: index === pieces - 1,
    bytes: piece,
  }));
  expect(split([...segments, ...cut(Buffer.from('{}\n'), [])])).toEqual({
    lines: [[1, '{}']],
    tooLarge: [[1, 'document_too_large']],
    tails: [],
  });
});

test('refuses pieces of files that are mixed or incomplete', () => {
  const piece = { line: 1, last: false, bytes: Buffer.from('a') };
  expect(() =>
    split([
      { ...piece, source: 'f' },
      { ...piece, source: 'g' },
    ]),
  ).toThrow('"g" came before the last one of "f"');
  expect(() => split([{ ...piece, source: 'f' }])).toThrow('The last piece of "f" did not come');
});
