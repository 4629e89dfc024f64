import { expect, test } from 'vitest';
import { openFileReader } from '../../lake/open-file-reader.ts';
import type { FileReaderOptions } from '../../lake/open-file-reader.ts';
import { Spool } from '../../lake/spool.ts';

const ROWS = 1_000_000;
const MEBIBYTE = 1024 * 1024;
/** What rewriting may hold beside the spool's own 8 MiB, with room for what Node has not collected yet. */
const MAX_GROWTH_BYTES = 160 * MEBIBYTE;

interface Rewritten {
  readonly kind: string;
  readonly lines: number;
  readonly growthBytes: number;
}

/** Rewrites what is never there as a whole, and looks at this process's memory on the way. */
async function rewrite(file: AsyncIterable<Buffer>, format: FileReaderOptions['format']): Promise<Rewritten> {
  const spool = new Spool();
  const before = process.memoryUsage.rss();
  let peak = before;
  const watched = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of file) {
      peak = Math.max(peak, process.memoryUsage.rss());
      yield chunk;
    }
  };
  try {
    const { kind } = await openFileReader({ format, maxBytes: 4 * 1024 * MEBIBYTE }).read(watched(), spool);
    let lines = 0;
    for await (const chunk of spool.read()) {
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
    }
    return { kind, lines, growthBytes: peak - before };
  } finally {
    await spool.dispose();
  }
}

async function* makeCsv(): AsyncGenerator<Buffer> {
  yield Buffer.from('id,at,name,celsius\n');
  for (let row = 0; row < ROWS; row += 1_000) {
    let rows = '';
    for (let id = row; id < row + 1_000; id += 1) rows += `${id},2026-01-01T05:00:00Z,"station ""${id}""",-1.5\n`;
    yield Buffer.from(rows);
  }
}

async function* makeDocument(pieces: number, elementsInPiece: number): AsyncGenerator<Buffer> {
  const record = { id: 1, at: '2026-01-01T05:00:00Z', tags: ['a', 'b'], note: 'x'.repeat(900) };
  const element = JSON.stringify(record, null, 1);
  const piece = Buffer.from(Array.from({ length: elementsInPiece }, () => element).join(',\n'));
  yield Buffer.from('{"total": 1, "data": {"items": [');
  for (let number = 0; number < pieces; number += 1) {
    if (number > 0) yield Buffer.from(',');
    yield piece;
  }
  yield Buffer.from(']}}');
}

test('CSV of a million rows is rewritten in bounded memory', { timeout: 180_000 }, async () => {
  const { growthBytes, ...file } = await rewrite(makeCsv(), { kind: 'csv', separator: ',' });
  expect(file).toEqual({ kind: 'text', lines: ROWS });
  expect(growthBytes).toBeLessThan(MAX_GROWTH_BYTES);
});

test('a document of a quarter of a gigabyte is rewritten in bounded memory', { timeout: 180_000 }, async () => {
  const { growthBytes, ...file } = await rewrite(makeDocument(256, 1_000), {
    kind: 'jsonDocument',
    records: ['data', 'items'],
  });
  expect(file).toEqual({ kind: 'text', lines: 256_000 });
  expect(growthBytes).toBeLessThan(MAX_GROWTH_BYTES);
});

test('a document that never ends its one record is given up at the size of a record', async () => {
  let given = 0;
  const endless = async function* (): AsyncGenerator<Buffer> {
    yield Buffer.from('{"a":"');
    for (;;) {
      given += 1;
      yield Buffer.alloc(64 * 1024, 'x');
    }
  };
  const file = await rewrite(endless(), { kind: 'jsonDocument', records: undefined });
  expect(file).toMatchObject({ kind: 'rejected', lines: 0 });
  expect(given).toBeLessThan(20);
});
