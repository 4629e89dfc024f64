import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MergedFormatError, cutSegments, encodeSegment, parseSegments } from '../../lake/merged-format.ts';
import type { MergedSegment } from '../../lake/merged-format.ts';

async function* chunksOf(data: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const part = (source: string, line: number, last: boolean, text: string): MergedSegment => ({
  source,
  line,
  last,
  bytes: Buffer.from(text),
});
const encoded = (segments: readonly MergedSegment[]) => Buffer.concat(segments.flatMap(encodeSegment));
const cut = (text: string, maxBytes: number) => collect(cutSegments('k', chunksOf(Buffer.from(text), 3), maxBytes));

describe('the format', () => {
  test('stands as it is documented', () => {
    const segments = [part('data/a.json', 1, true, '{"a":1}\n'), { source: 'data/b.json', rejected: 'gzip' } as const];
    expect(encoded(segments).toString()).toBe(
      '{"source":"data/a.json","line":1,"bytes":8,"last":true}\n{"a":1}\n\n' +
        '{"source":"data/b.json","rejected":"gzip","bytes":0}\n\n',
    );
  });

  test('cuts after a newline where one fits', async () => {
    expect(await cut('aaa\nbbb\nccc', 9)).toEqual([part('k', 1, false, 'aaa\nbbb\n'), part('k', 3, true, 'ccc')]);
  });

  test('cuts within a line where none fits, and numbers what follows by the line that goes on', async () => {
    expect(await cut('aaaaaaaa\nb\n', 4)).toEqual([
      part('k', 1, false, 'aaaa'),
      part('k', 1, false, 'aaaa'),
      part('k', 1, true, '\nb\n'),
    ]);
    expect(await cut('a\nbbbbbb\n', 4)).toEqual([
      part('k', 1, false, 'a\n'),
      part('k', 2, false, 'bbbb'),
      part('k', 2, true, 'bb\n'),
    ]);
  });

  test('a file of exactly the limit is one segment, and one without content is none', async () => {
    expect(await cut('abcd', 4)).toEqual([part('k', 1, true, 'abcd')]);
    expect(await cut('', 4)).toEqual([]);
  });

  test('gives back exactly what was written, whatever stands in a file and however it is chunked', async () => {
    const header = '{"source":"x","line":1,"bytes":3,"last":true}\n';
    const text = fc.array(
      fc.oneof(fc.constantFrom(header, '\n', '\n\n', '{"rejected":"gzip"}\n', '\u0000'), fc.string({ unit: 'binary' })),
    );
    const file = fc.record({
      source: fc.string({ unit: 'grapheme', maxLength: 20 }),
      text: text.map((pieces) => pieces.join('')),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(file),
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1, max: 64 }),
        async (files, max, size) => {
          const written: MergedSegment[] = [];
          for (const { source, text: content } of files) {
            written.push(...(await collect(cutSegments(source, chunksOf(Buffer.from(content), size), max))));
            written.push({ source, rejected: 'format' });
          }
          expect(await collect(parseSegments(chunksOf(encoded(written), size)))).toEqual(written);

          let next = 0;
          for (const { source, text: content } of files) {
            let joined = Buffer.alloc(0);
            for (;;) {
              const segment = written[next++];
              if (segment === undefined || 'rejected' in segment) break;
              expect(segment.source).toBe(source);
              expect(segment.line).toBe(joined.toString('latin1').split('\n').length);
              joined = Buffer.concat([joined, segment.bytes]);
              expect(segment.last).toBe(joined.length === Buffer.byteLength(content));
            }
            expect(joined).toEqual(Buffer.from(content));
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('a malformed object is refused', () => {
  const parse = (text: string) => collect(parseSegments(chunksOf(Buffer.from(text), 7)));
  test.each([
    ['{"source":"a","line":1,"bytes":3,"last":true}\nab', 'it ends within a segment'],
    ['{"source":"a","line":1,"bytes":3,"last":true}\nabc', 'it ends within a segment'],
    ['{"source":"a","line":1,"bytes":3,"last":true}\nabcd\n', 'a segment of "a" is longer than it says'],
    ['{"source":"a","line":1,"bytes":2000000,"last":true}\n', 'a header is {"source":"a","line":1,"bytes":2000000'],
    ['{"source":"a","rejected":"why","bytes":0}\n\n', 'a header is {"source":"a","rejected":"why"'],
    ['{"source":"a","line":0,"bytes":3,"last":true}\nabc\n', 'a header is {"source":"a","line":0'],
    ['no header\n', 'a header is not JSON'],
    ['x'.repeat(20_000), 'a header has no end'],
  ])('%#: %s', async (text, message) => {
    await expect(parse(text)).rejects.toThrow(MergedFormatError);
    await expect(parse(text)).rejects.toThrow(message);
  });
});
