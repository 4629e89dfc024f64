import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { Spool } from '../../lake/spool.ts';
import { unpackFile } from '../../lake/unpack-file.ts';

const CORPUS = '../shared/corpus';
const CORPUS_NAME = existsSync(CORPUS) ? 'shared corpus' : 'own cases, as the shared corpus is not here';
const MAX_BYTES = 256 * 1024 * 1024;
const spools: Spool[] = [];
afterEach(() => Promise.all(spools.splice(0).map((spool) => spool.dispose())));

async function unpack(stored: Buffer, { chunkBytes = stored.length, maxBytes = MAX_BYTES } = {}): Promise<string> {
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < stored.length; at += chunkBytes) yield stored.subarray(at, at + chunkBytes);
  }
  const spool = new Spool();
  spools.push(spool);
  const file = await unpackFile(chunks(), spool, maxBytes);
  if (file.kind === 'rejected') return `rej:${file.reason}`;
  const text: Buffer[] = [];
  for await (const chunk of spool.read()) text.push(chunk);
  return file.kind === 'empty' ? 'empty' : `ok:${Buffer.concat(text).toString('latin1')}`;
}

const LINE = '{"a":1}\n';
const PACKED = gzipSync(LINE);
const latin1 = (text: string) => Buffer.from(text, 'latin1');

describe('a file is what its bytes say', () => {
  test.each([
    ['plain', Buffer.from(LINE), `ok:${LINE}`],
    ['gzip', PACKED, `ok:${LINE}`],
    ['gzip in two members', Buffer.concat([PACKED, PACKED]), `ok:${LINE}${LINE}`],
    ['gzip with zeros behind it', Buffer.concat([PACKED, Buffer.alloc(700)]), `ok:${LINE}`],
    ['gzip, zeros, and then something', Buffer.concat([PACKED, Buffer.alloc(700), Buffer.from('x')]), 'rej:gzip'],
    ['gzip, zeros, and then another member', Buffer.concat([PACKED, Buffer.alloc(700), PACKED]), 'rej:gzip'],
    ['gzip with one byte behind it', Buffer.concat([PACKED, Buffer.from('x')]), 'rej:gzip'],
    ['gzip with half a header behind it', Buffer.concat([PACKED, PACKED.subarray(0, 4)]), 'rej:gzip'],
    ['gzip without its last byte', PACKED.subarray(0, -1), 'rej:gzip'],
    ['two bytes of gzip', PACKED.subarray(0, 2), 'rej:gzip'],
    ['gzip of nothing', gzipSync(''), 'empty'],
    ['gzip in gzip', gzipSync(PACKED), 'rej:format'],
    ['gzip of UTF-16', gzipSync(Buffer.from(LINE, 'utf16le')), 'rej:encoding'],
    ['nothing', Buffer.alloc(0), 'empty'],
    ['a byte order mark alone', latin1('\xef\xbb\xbf'), 'empty'],
    ['a byte order mark and text', latin1(`\xef\xbb\xbf${LINE}`), `ok:${LINE}`],
    ['two byte order marks', latin1(`\xef\xbb\xbf\xef\xbb\xbf${LINE}`), `ok:\xef\xbb\xbf${LINE}`],
    ['UTF-16BE without a mark', Buffer.from(LINE, 'utf16le').swap16(), 'rej:encoding'],
    ['UTF-32BE with a mark', latin1('\x00\x00\xfe\xff\x00\x00\x00{'), 'rej:encoding'],
    ['UTF-32LE without a mark', latin1('{\x00\x00\x00"\x00\x00\x00'), 'rej:encoding'],
    ['zeros alone', Buffer.alloc(9), `ok:${'\x00'.repeat(9)}`],
    ['text with zeros behind it', Buffer.from(`${LINE}\0\0\0`), `ok:${LINE}\0\0\0`],
    ['zip', latin1('PK\x03\x04rest'), 'rej:format'],
    ['one byte', Buffer.from('x'), 'ok:x'],
  ])('%s', async (_name, stored, expected) => {
    expect(await unpack(stored)).toBe(expected);
    expect(await unpack(stored, { chunkBytes: 1 })).toBe(expected);
  });

  test('too large is counted unpacked, and found without unpacking all', async () => {
    expect(await unpack(Buffer.from('abcd'), { maxBytes: 4 })).toBe('ok:abcd');
    expect(await unpack(Buffer.from('abcde'), { maxBytes: 4 })).toBe('rej:too_large');
    expect(await unpack(gzipSync(Buffer.alloc(50_000_000, ' ')), { maxBytes: 1_000_000, chunkBytes: 500 })).toBe(
      'rej:too_large',
    );
  });

  test('content beyond what memory holds comes back whole', async () => {
    const text = `${'x'.repeat(999)}\n`.repeat(20_000);
    expect(await unpack(gzipSync(text, { level: 1 }), { chunkBytes: 10_000 })).toBe(`ok:${text}`);
  });

  test('an error of the source is no verdict on the file', async () => {
    for (const head of [Buffer.from(LINE), PACKED.subarray(0, 12), gzipSync('x'.repeat(1_000_000))]) {
      async function* broken(): AsyncGenerator<Buffer> {
        yield head;
        throw new Error('connection lost');
      }
      await expect(unpackFile(broken(), new Spool(), MAX_BYTES)).rejects.toThrow('connection lost');
    }
  });

  test('any damage to a gzip file is found, or the text is whole', async () => {
    const text = 'some text that is packed\n'.repeat(50);
    const whole = gzipSync(text);
    const positions = fc.integer({ min: 2, max: whole.length - 1 });
    await fc.assert(
      fc.asyncProperty(
        positions,
        fc.integer({ min: 1, max: 255 }),
        fc.integer({ min: 1, max: 50 }),
        async (at, flip, size) => {
          const damaged = Buffer.from(whole);
          damaged[at] = (damaged[at] ?? 0) ^ flip;
          // In the ten bytes of its header there is little that matters.
          const allowed = at < 10 ? ['rej:gzip', `ok:${text}`] : ['rej:gzip'];
          expect(allowed).toContain(await unpack(damaged, { chunkBytes: size }));
          expect(await unpack(whole.subarray(0, at), { chunkBytes: size })).toBe('rej:gzip');
        },
      ),
    );
  });
});

test(`gives the verdict of every file in the ${CORPUS_NAME}`, async () => {
  const cases = readCases();
  const verdicts: [string, string][] = [];
  for (const { id, stored } of cases) {
    const verdict = await unpack(stored, { chunkBytes: 65_536 });
    verdicts.push([id, verdict.startsWith('rej:') ? verdict : 'ok']);
  }
  expect(verdicts).toEqual(cases.map(({ id, expected }) => [id, expected.file]));
  expect(verdicts.length).toBeGreaterThan(0);
});

function readCases(): readonly (CorpusCase & { readonly stored: Buffer })[] {
  if (!existsSync(CORPUS))
    return [{ id: 'own', level: 'gzip', expected: { file: 'rej:format' }, stored: gzipSync(PACKED) }];
  const all = JSON.parse(readFileSync(`${CORPUS}/cases.json`, 'utf8')) as CorpusCase[];
  return all
    .filter(({ level }) => level === 'file' || level === 'gzip')
    .map((each) => ({ ...each, stored: readFileSync(`${CORPUS}/cases/${each.id}.bin`) }));
}

interface CorpusCase {
  readonly id: string;
  readonly level: string;
  readonly expected: { readonly file: string };
}
