import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openFileReader } from '../../lake/open-file-reader.ts';
import type { FileReaderOptions } from '../../lake/open-file-reader.ts';
import { Spool } from '../../lake/spool.ts';
import { MAX_LINE_BYTES } from '../../record/split-lines.ts';

type Format = FileReaderOptions['format'];

const CSV: Format = { kind: 'csv', separator: ',' };
const ONE_RECORD: Format = { kind: 'jsonDocument', records: undefined };
const ITEMS: Format = { kind: 'jsonDocument', records: ['data', 'items'] };

/** The lines that a file becomes, or why it is rejected. However it is cut on its way, it says the same. */
async function rewrite(content: string | Buffer, format: Format, maxBytes = 1_000_000_000): Promise<unknown> {
  const bytes = Buffer.from(content as string);
  const [whole, inBytes] = await Promise.all([
    rewriteChunks([bytes], format, maxBytes),
    rewriteChunks(bytes.length > 10_000 ? [bytes] : Array.from(bytes, (byte) => Buffer.from([byte])), format, maxBytes),
  ]);
  expect(inBytes).toEqual(whole);
  return whole;
}

async function rewriteChunks(chunks: Iterable<Buffer>, format: Format, maxBytes: number): Promise<unknown> {
  const spool = new Spool();
  try {
    const file = await openFileReader({ format, maxBytes }).read(stream(chunks), spool);
    if (file.kind === 'rejected') return `${file.reason}: ${file.detail ?? ''}`;
    if (file.kind === 'empty') return 'empty';
    const read: Buffer[] = [];
    for await (const chunk of spool.read()) read.push(chunk);
    return Buffer.concat(read).toString().trimEnd().split('\n');
  } finally {
    await spool.dispose();
  }
}

async function* stream(chunks: Iterable<Buffer>): AsyncGenerator<Buffer> {
  yield* chunks;
}

describe('CSV', () => {
  test('gives each row as an object of the names in its header', async () => {
    expect(await rewrite('id,at,note\n1,2019-06-01T18:00:00Z,"a, ""b"""\r\n2,,x', CSV)).toEqual([
      '{"id":"1","at":"2019-06-01T18:00:00Z","note":"a, \\"b\\""}',
      '{"id":"2","note":"x"}',
    ]);
  });

  test('may be gzip, whatever it is called', async () => {
    expect(await rewrite(gzipSync('a,b\n1,2\n'), CSV)).toEqual(['{"a":"1","b":"2"}']);
  });

  test('may begin with a byte order mark, and with a line that says its separator', async () => {
    expect(await rewrite('\ufeffa,b\n1,2\n', CSV)).toEqual(['{"a":"1","b":"2"}']);
    expect(await rewrite('\ufeffsep=;\r\na;b\r\n1,5;2\r\n', CSV)).toEqual(['{"a":"1,5","b":"2"}']);
  });

  test('has the separator that its definition says', async () => {
    expect(await rewrite('a\tb\n1\t2\n', { kind: 'csv', separator: '\t' })).toEqual(['{"a":"1","b":"2"}']);
  });

  test('may have line breaks within quotes, and characters of several bytes', async () => {
    expect(await rewrite('a,b\n"one\r\ntwo",é😀\n', CSV)).toEqual(['{"a":"one\\r\\ntwo","b":"é😀"}']);
  });

  test('takes a quote within a cell as it is', async () => {
    expect(await rewrite('a,b\n5" pipe,2\n', CSV)).toEqual(['{"a":"5\\" pipe","b":"2"}']);
  });

  test('leaves out lines without a character, empty cells, and cells without a name', async () => {
    expect(await rewrite(' a ,,b\n\n1,x,""\n,,\n', CSV)).toEqual(['{"a":"1"}', '{}']);
  });

  test('gives a row with a cell more or less as a list, which is no record', async () => {
    expect(await rewrite('a,b\n1\n1,2\n1,2,3\n', CSV)).toEqual(['["1"]', '{"a":"1","b":"2"}', '["1","2","3"]']);
  });

  test('takes a row of the same names for a header again, which holds from there on', async () => {
    expect(await rewrite('a,b\n1,2\na,b\n3,4\nb,a\n5,6\n', CSV)).toEqual([
      '{"a":"1","b":"2"}',
      '{"a":"3","b":"4"}',
      '{"b":"5","a":"6"}',
    ]);
    expect(await rewrite('a\na\n', CSV)).toEqual(['{"a":"a"}']);
    expect(await rewrite('a,b\na,a\n', CSV)).toEqual(['{"a":"a","b":"a"}']);
  });

  test.each([
    [
      'a quote that nothing closes',
      'a,b\n1,"2\n3,4\n',
      'csv: it ends within quotes: it is cut short, or a quote is missing',
    ],
    ['a name twice in its header', 'a,b, a\n1,2,3\n', 'csv: its header names "a" twice'],
    ['a header without names', ',\n1,2\n', 'csv: its header names nothing'],
    ['the page of a server', '\n<!DOCTYPE html>\n<p>Sign in</p>\n', 'csv: it is an HTML page, no CSV'],
    [
      'a git-lfs pointer',
      'version https://git-lfs.github.com/spec/v1\noid sha256:1\n',
      'csv: it is a git-lfs pointer, no CSV',
    ],
    ['another encoding', Buffer.from('a,b\ncaf\xe9,2\n', 'latin1'), 'encoding: it is not UTF-8; only UTF-8 is read'],
    [
      'the first byte of a character at its end',
      Buffer.from('a,b\n1,\xc3', 'latin1'),
      'encoding: it is not UTF-8; only UTF-8 is read',
    ],
    ['a damaged gzip', gzipSync('a,b\n1,2\n').subarray(0, -3), 'gzip: '],
  ])('is rejected with %s', async (_, content, verdict) => {
    expect(await rewrite(content, CSV)).toBe(verdict);
  });

  test('is rejected where a row grows past all bounds', async () => {
    expect(await rewrite(`a,b\n1,2\n"${'x'.repeat(MAX_LINE_BYTES + 10)}`, CSV)).toBe(
      'csv: the row at line 3 has more than 1048576 bytes: probably a quote is missing',
    );
    expect(await rewrite(`a,b\n1,2\n${'x'.repeat(MAX_LINE_BYTES + 10)}`, CSV)).toBe(
      'csv: the row at line 3 has more than 1048576 bytes: probably a quote is missing',
    );
  });

  test.each(['', '\ufeff', 'a,b\n', 'sep=;\n', '\n\n'])('without rows is empty: %j', async (content) => {
    expect(await rewrite(content, CSV)).toBe('empty');
  });
});

describe('a JSON document', () => {
  test('is one record, on one line', async () => {
    expect(await rewrite('{\r\n  "a": "x",\n  "b": [1,\n 2]\n}\n', ONE_RECORD)).toEqual([
      '{    "a": "x",   "b": [1,  2] }',
    ]);
  });

  test('that is a list gives its elements', async () => {
    expect(await rewrite('[\n {"a": 1},\n {"a":\n2}]\n', ONE_RECORD)).toEqual(['{"a": 1}', '  {"a": 2}']);
    expect(await rewrite('[ ]', ONE_RECORD)).toBe('empty');
  });

  test('gives the list that is named, and nothing of what stands around it', async () => {
    const document = `{"items":[9],"data":{"x":{"items":[8]},"n\\u0061me":"]}","items": [{"a":"]},\\""},[1,2],"t"],"z":[[7]]},"data2":{"items":[6]}}`;
    expect(await rewrite(document, ITEMS)).toEqual(['{"a":"]},\\""}', '[1,2]', '"t"']);
  });

  test('may have nothing in that list, or null in its place', async () => {
    expect(await rewrite('{"data":{"items":[ \n ]}}', ITEMS)).toBe('empty');
    expect(await rewrite('{"data":{"items":null}}', ITEMS)).toBe('empty');
  });

  test('keeps what is no JSON within an element on its line, for its decoding to find', async () => {
    expect(await rewrite('{"data":{"items":[{"a":"x\ny"},nope]}}', ITEMS)).toEqual(['{"a":"x\u000by"}', 'nope']);
  });

  test.each([
    [
      'is cut short within the list',
      '{"data":{"items":[{"a":1},{"a"',
      'it ends before its document does: it is cut short',
    ],
    ['is cut short behind the list', '{"data":{"items":[{"a":1}]', 'it ends before its document does: it is cut short'],
    ['has no such list', '{"data":{"error":"busy"}}', 'it has no list at "data.items"'],
    ['has something else in its place', '{"data":{"items":{}}}', 'what it has at "data.items" is no list'],
    ['has that list twice', '{"data":{"items":[1],"items":[2]}}', 'the name "data.items" is there twice'],
    ['is a list itself', '[1]', 'it is no JSON object'],
    ['is an error page', '<html><body>', 'it is an HTML page, no JSON document'],
    ['is followed by another', '{"data":{"items":[1]}} {}', 'more follows after its document'],
    ['lacks an element', '{"data":{"items":[1,,2]}}', 'nothing stands where element 2 of its list should'],
    ['ends its list with a comma', '{"data":{"items":[1,]}}', 'nothing stands where element 2 of its list should'],
    ['closes what is not open', '{"data":{"items":[{"a":1]]}}', 'a "]" closes what is not open'],
    ['closes its list as an object', '{"data":{"items":[1}}', 'its list ends with "}"'],
  ])('is rejected where it %s', async (_, content, detail) => {
    expect(await rewrite(content, ITEMS)).toBe(`json_document: ${detail}`);
  });

  test('that is one record is rejected where it is no JSON, or larger than a record may be', async () => {
    expect(await rewrite('{"a":1', ONE_RECORD)).toMatch(/^json_document: .*JSON/u);
    expect(await rewrite(`{"a":"${'x'.repeat(MAX_LINE_BYTES)}"}`, ONE_RECORD)).toBe(
      "too_large: a document that is one record can have 1048576 bytes; name the list of its records: jsonDocument({ records: 'data.items' })",
    );
  });
});

test('a file that is larger than one may be is rejected', async () => {
  expect(await rewrite('a,b\n1,2\n', CSV, 5)).toBe('too_large: ');
});
