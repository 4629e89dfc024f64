import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergeObjects } from '../../lake/merge-objects.ts';
import { openFileReader } from '../../lake/open-file-reader.ts';
import type { Lake } from '../../lake/open-lake.ts';
import { putObject } from '../../lake/put-object.ts';
import { readMerged } from '../../lake/read-merged.ts';
import { Spool } from '../../lake/spool.ts';
import type { FileFormat } from '../../model/file-format.ts';
import type { Manifest, SourceObject } from '../../model/source-object.ts';
import { createBucket } from '../support/services.ts';
import { openTestLake } from './open-test-lake.ts';

const PREFIX = 'raw/p/2019/06/01/18/';

async function merge(lake: Lake, files: Readonly<Record<string, Uint8Array | string>>, format: FileFormat) {
  const bucket = await createBucket('source');
  const objects: SourceObject[] = [];
  for (const [key, body] of Object.entries(files)) {
    objects.push(await putObject(lake, { bucket, key, body: Buffer.from(body as string) }));
  }
  const manifest: Manifest = { bucket, objects, skipped: [], rejected: [] };
  return mergeObjects(lake, { manifest, prefix: PREFIX, format });
}

async function readSegments(lake: Lake, { object }: Awaited<ReturnType<typeof merge>>): Promise<readonly object[]> {
  const segments: object[] = [];
  for await (const segment of readMerged(lake, object)) {
    segments.push('bytes' in segment ? { ...segment, bytes: segment.bytes.toString() } : segment);
  }
  return segments;
}

test('files of another format are merged as lines of JSON; what is wrong with a file stands beside its name', async () => {
  const lake = await openTestLake();
  const merged = await merge(
    lake,
    { 'a.csv': 'x,y\n1,2\n3\n', 'b.csv': gzipSync('y,x\n4,5\n'), 'c.csv': 'x,x\n1,2\n', 'd.csv': 'x,y\n', 'e.csv': '' },
    { kind: 'csv', separator: ',' },
  );
  expect(await readSegments(lake, merged)).toEqual([
    { source: 'a.csv', line: 1, last: true, bytes: '{"x":"1","y":"2"}\n["3"]\n' },
    { source: 'b.csv', line: 1, last: true, bytes: '{"y":"4","x":"5"}\n' },
    { source: 'c.csv', rejected: 'csv', detail: 'its header names "x" twice' },
  ]);
  expect(merged.files).toEqual({ listed: 5, loaded: 2, rejected: 1, skipped: 0, empty: 2 });
  expect(merged.rejectedFiles).toEqual([{ source: 'c.csv', reason: 'csv', detail: 'its header names "x" twice' }]);
});

test('a file too large to be held is rewritten while it comes', async () => {
  const lake = await openTestLake();
  const row = `${'x'.repeat(1_000)},1\n`;
  const rows = 12_000;
  const merged = await merge(lake, { 'large.csv': `a,b\n${row.repeat(rows)}` }, { kind: 'csv', separator: ',' });
  let lines = 0;
  for await (const segment of readMerged(lake, merged.object)) {
    if ('bytes' in segment) lines += segment.bytes.toString().split('\n').length - 1;
  }
  expect(lines).toBe(rows);
});

/** The lines that a file becomes, cut into pieces of this size on its way. */
async function rewrite(content: string, format: FileFormat, pieceBytes: number): Promise<readonly unknown[]> {
  const bytes = Buffer.from(content);
  const spool = new Spool();
  const pieces = async function* (): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
  };
  try {
    const file = await openFileReader({ format, maxBytes: 1_000_000 }).read(pieces(), spool);
    if (file.kind === 'rejected') throw new Error(file.detail);
    const read: Buffer[] = [];
    for await (const chunk of spool.read()) read.push(chunk);
    const lines = Buffer.concat(read).toString().split('\n').slice(0, -1);
    return lines.map((line): unknown => JSON.parse(line));
  } finally {
    await spool.dispose();
  }
}

/** Most have nothing that needs quotes, so that there are files without any. */
const cell = fc.oneof(
  fc.constantFrom('', '1', 'a b', 'é'),
  fc.constantFrom('x', ' y', '-1.5'),
  fc.string({ unit: fc.constantFrom(',', '"', '\n', '\r', ' ', 'a', 'é', '😀', ';', '0'), maxLength: 6 }),
);

test('whatever cells hold and however the file is cut, each row of CSV is what was written', async () => {
  const rows = fc.array(fc.tuple(cell, cell, cell), { maxLength: 8 });
  const ends = fc.constantFrom('\n', '\r\n');
  const quoting = fc.constantFrom(quoteAll, quoteWhereNeeded);
  await fc.assert(
    fc.asyncProperty(rows, ends, quoting, fc.integer({ min: 1, max: 20 }), async (rows, end, quote, size) => {
      const written = [['n 1', 'n 2', 'n 3'], ...rows].map((row) => row.map(quote).join(',') + end).join('');
      const expected = rows.map((row) =>
        Object.fromEntries(row.flatMap((text, index) => (text === '' ? [] : [[`n ${index + 1}`, text]]))),
      );
      expect(await rewrite(written, { kind: 'csv', separator: ',' }, size)).toEqual(expected);
    }),
    { numRuns: 400 },
  );
});

function quoteWhereNeeded(text: string): string {
  return /[",\r\n]/u.test(text) ? quoteAll(text) : text;
}

function quoteAll(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

test('whatever stands in a document and however it is cut, each element of its list is what was written', async () => {
  const around = fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
  const elements = fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 6 });
  const layout = fc.constantFrom(undefined, 1, '\t', ' \r\n');
  await fc.assert(
    fc.asyncProperty(around, elements, layout, fc.integer({ min: 1, max: 30 }), async (around, items, space, size) => {
      const document = JSON.stringify({ ...around, data: { ...around, items, more: around }, z: items }, null, space);
      const format: FileFormat = { kind: 'jsonDocument', records: ['data', 'items'] };
      expect(await rewrite(document, format, size)).toEqual(JSON.parse(JSON.stringify(items)));
      const list: FileFormat = { kind: 'jsonDocument', records: undefined };
      expect(await rewrite(JSON.stringify(items, null, space), list, size)).toEqual(JSON.parse(JSON.stringify(items)));
    }),
    { numRuns: 200 },
  );
});
