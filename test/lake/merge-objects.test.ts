import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SourceChangedError, StoredObjectLostError } from '../../lake/errors.ts';
import { listWindow } from '../../lake/list-window.ts';
import { mergeObjects } from '../../lake/merge-objects.ts';
import type { Lake } from '../../lake/open-lake.ts';
import { putContentAddressed } from '../../lake/put-content-addressed.ts';
import { putObject } from '../../lake/put-object.ts';
import { readMerged } from '../../lake/read-merged.ts';
import type { Manifest, SourceObject, StoredObject } from '../../model/source-object.ts';
import { assertFileCounts } from '../../model/counts.ts';
import { createBucket } from '../support/services.ts';
import { openTestLake } from './open-test-lake.ts';

const PREFIX = 'raw/p/2019/06/01/18/';
const REAL_HOUR = '../shared/data/door2door/data';
const HOUR_NAME = existsSync(REAL_HOUR) ? 'the real hour' : 'a made hour, as the real one is not here';

async function putAll(lake: Lake, bucket: string, files: Readonly<Record<string, Uint8Array>>): Promise<Manifest> {
  const objects: SourceObject[] = [];
  for (const [key, body] of Object.entries(files)) objects.push(await putObject(lake, { bucket, key, body }));
  return { bucket, objects, skipped: [], rejected: [] };
}

/** What a merged object says, by source, in its order. */
async function readBack(lake: Lake, object: StoredObject): Promise<readonly (readonly [string, string])[]> {
  const read = new Map<string, Buffer[] | string>();
  for await (const segment of readMerged(lake, object)) {
    const before = read.get(segment.source) ?? [];
    if (typeof before === 'string') throw new Error(`${segment.source} goes on after it was rejected`);
    read.set(segment.source, 'rejected' in segment ? `rej:${segment.rejected}` : [...before, segment.bytes]);
  }
  return [...read].map(([source, said]) => [
    source,
    typeof said === 'string' ? said : Buffer.concat(said).toString('latin1'),
  ]);
}

test('merges files in the order of the manifest, and says what became of each', async () => {
  const lake = await openTestLake();
  const bucket = await createBucket('source');
  const line = '{"a":1}\n';
  const manifest = await putAll(lake, bucket, {
    'b.json': Buffer.from(line),
    'a.json': gzipSync(`${line}${line}`),
    'empty.json': Buffer.alloc(0),
    'mark.json': Buffer.from('\ufeff'),
    'cut.json': gzipSync(line).subarray(0, -3),
    'wide.json': Buffer.from(line, 'utf16le'),
    'parquet.json': Buffer.from('PAR1\u0015\u0004PAR1'),
    'large.json': Buffer.from(line.repeat(20)),
    'z.json': Buffer.from('no newline'),
  });
  const beside = { key: 'x', size: 1, etag: 'e' };
  const { object, files, rejectedFiles } = await mergeObjects(lake, {
    manifest: { ...manifest, skipped: [beside, beside], rejected: [{ ...beside, key: 'bad\nname' }] },
    prefix: PREFIX,
    limits: { maxFileBytes: 100 },
  });
  expect(await readBack(lake, object)).toEqual([
    ['b.json', line],
    ['a.json', `${line}${line}`],
    ['cut.json', 'rej:gzip'],
    ['wide.json', 'rej:encoding'],
    ['parquet.json', 'rej:format'],
    ['large.json', 'rej:too_large'],
    ['z.json', 'no newline'],
    ['bad\nname', 'rej:key'],
  ]);
  expect(files).toEqual({ listed: 12, loaded: 3, rejected: 5, skipped: 2, empty: 2 });
  assertFileCounts(files);
  expect(rejectedFiles).toEqual([
    { source: 'cut.json', reason: 'gzip' },
    { source: 'wide.json', reason: 'encoding' },
    { source: 'parquet.json', reason: 'format' },
    { source: 'large.json', reason: 'too_large' },
    { source: 'bad\nname', reason: 'key' },
  ]);
});

test('the object is named by the digest of its bytes, and the same input gives the same object', async () => {
  const lake = await openTestLake();
  const manifest = await putAll(lake, await createBucket('source'), { a: Buffer.from('1\n'), b: Buffer.from('2\n') });
  const { object } = await mergeObjects(lake, { manifest, prefix: PREFIX });
  const stored = await readStoredBytes(lake, object);
  expect(object).toEqual({ key: `${PREFIX}${object.digest}.jsonl.gz`, size: stored.length, digest: sha256(stored) });
  expect((await mergeObjects(lake, { manifest, prefix: PREFIX })).object).toEqual(object);
  expect(gunzipSync(stored).toString()).toBe(
    '{"source":"a","line":1,"bytes":2,"last":true}\n1\n\n{"source":"b","line":1,"bytes":2,"last":true}\n2\n\n',
  );
});

test('a window without files is an object without segments', async () => {
  const lake = await openTestLake();
  const { object, files } = await mergeObjects(lake, {
    manifest: { bucket: lake.bucket, objects: [], skipped: [], rejected: [] },
    prefix: PREFIX,
  });
  expect(await readBack(lake, object)).toEqual([]);
  expect(files).toEqual({ listed: 0, loaded: 0, rejected: 0, skipped: 0, empty: 0 });
});

test('files too large to be held are streamed, their lines numbered from segment to segment', async () => {
  const lake = await openTestLake();
  const lines = Array.from({ length: 12 }, (_, index) => `${index}${'x'.repeat(999_999)}\n`);
  const packed = gzipSync(randomBytes(7_000_000).toString('hex'), { level: 1 });
  const wide = Buffer.from(`${lines.join('')}end`);
  const manifest = await putAll(lake, await createBucket('source'), {
    wide,
    small: Buffer.from('s\n'),
    cut: Buffer.concat([packed, packed.subarray(0, 4_000_000)]),
  });
  const { object, files } = await mergeObjects(lake, { manifest, prefix: PREFIX });
  expect(files).toEqual({ listed: 3, loaded: 2, rejected: 1, skipped: 0, empty: 0 });

  const numbers: number[] = [];
  for await (const segment of readMerged(lake, object))
    if (segment.source === 'wide' && 'line' in segment) numbers.push(segment.line);
  expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  expect(await readBack(lake, object)).toEqual([
    ['wide', wide.toString('latin1')],
    ['small', 's\n'],
    ['cut', 'rej:gzip'],
  ]);
});

test('a file that changed since it was listed stops the merge, small or large, and leaves no object', async () => {
  const lake = await openTestLake();
  const bucket = await createBucket('source');
  const manifest = await putAll(lake, bucket, { a: Buffer.from('1\n'), b: Buffer.alloc(9_000_000, '2') });
  const merge = () => mergeObjects(lake, { manifest, prefix: PREFIX });
  await putObject(lake, { bucket, key: 'b', body: Buffer.alloc(9_000_000, '3') });
  await expect(merge()).rejects.toThrow(SourceChangedError);
  await lake.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a' }));
  await expect(merge()).rejects.toThrow('Source object "a" is not what was listed (it is gone).');
  const window = { start: 0, end: 1 };
  const source = {
    kind: 's3',
    bucket: lake.bucket,
    pattern: '{yyyy}',
    hourOf: 'keyTime',
    clockOffsetMinutes: 0,
  } as const;
  expect((await listWindow(lake, source, window)).skipped).toEqual([]);
});

test('merging and reading back gives exactly the bytes of each file, in order', async () => {
  const lake = await openTestLake();
  const bucket = await createBucket('source');
  const header =
    '{"source":"file-0","line":1,"bytes":3,"last":true}\nabc\n{"source":"file-1","rejected":"gzip","bytes":0}\n\n';
  const piece = fc.oneof(fc.constantFrom(header, '\n', '\r\n', ' '), fc.string({ unit: 'binary' }), fc.json());
  const content = fc
    .tuple(fc.array(piece, { minLength: 1 }), fc.boolean())
    .map(([pieces, packed]) => ({ text: `[${pieces.join('\n')}`, packed }));
  await fc.assert(
    fc.asyncProperty(fc.array(content, { maxLength: 8 }), async (contents) => {
      const bytes = contents.map(({ text }) => Buffer.from(text));
      const stored = bytes.map((each, index) => (contents[index]?.packed === true ? gzipSync(each) : each));
      const manifest = await putAll(
        lake,
        bucket,
        Object.fromEntries(stored.map((each, index) => [`file-${index}`, each])),
      );
      const { object, files } = await mergeObjects(lake, { manifest, prefix: PREFIX });
      expect(await readBack(lake, object)).toEqual(
        bytes.map((each, index) => [`file-${index}`, each.toString('latin1')]),
      );
      expect(files.loaded).toBe(contents.length);
    }),
    { numRuns: 25 },
  );
});

describe('an object of ours that is not what was put', () => {
  test('is refused when it is gone, changed or cut', async () => {
    const lake = await openTestLake();
    const manifest = await putAll(lake, await createBucket('source'), { a: randomBytes(3_000_000) });
    const { object } = await mergeObjects(lake, { manifest, prefix: PREFIX });
    const stored = await readStoredBytes(lake, object);
    const put = (Body: Uint8Array) =>
      lake.s3.send(new PutObjectCommand({ Bucket: lake.bucket, Key: object.key, Body }));

    await put(stored.subarray(0, -1));
    await expect(readBack(lake, object)).rejects.toThrow(StoredObjectLostError);
    await put(Buffer.concat([stored.subarray(0, -1), Buffer.from('x')]));
    await expect(readBack(lake, object)).rejects.toThrow('is damaged');
    const other = Buffer.from(stored);
    other[9] = 7; // The operating system in gzip's header: the content unpacks all the same.
    await put(other);
    await expect(readBack(lake, object)).rejects.toThrow('is damaged: it has another digest');
    await lake.s3.send(new DeleteObjectCommand({ Bucket: lake.bucket, Key: object.key }));
    await expect(readBack(lake, object)).rejects.toThrow(
      `The lake's object "${object.key}" is not there. Make its partition anew from the source: run it with --force.`,
    );
  });

  test('a large object is put in parts and is what was written', async () => {
    const lake = await openTestLake();
    const chunk = randomBytes(1_000_000);
    const write = async (sink: { write(chunk: Uint8Array): Promise<void> }) => {
      for (let count = 0; count < 20; count += 1) await sink.write(chunk);
    };
    const object = await putContentAddressed(lake, { prefix: 'staged/', suffix: '.copy', write });
    const whole = Buffer.concat(Array.from({ length: 20 }, () => chunk));
    expect(object).toEqual({ key: `staged/${sha256(whole)}.copy`, size: 20_000_000, digest: sha256(whole) });
    expect((await readStoredBytes(lake, object)).equals(whole)).toBe(true);
  });
});

test(`merges ${HOUR_NAME}: 721 files, 35,351 lines`, async () => {
  const lake = await openTestLake();
  const bucket = await createBucket('source');
  const files = await readHour();
  for (let at = 0; at < files.length; at += 32) {
    await Promise.all(
      files.slice(at, at + 32).map(({ name, body }) => putObject(lake, { bucket, key: `data/${name}`, body })),
    );
  }
  const source = {
    kind: 's3',
    bucket,
    pattern: 'data/{yyyy}-{MM}-{dd}-{HH}-{m}-{s}-events.json',
    hourOf: 'keyTime',
    clockOffsetMinutes: -180,
  } as const;
  const start = Date.parse('2019-06-01T18:00:00Z');
  const manifest = await listWindow(lake, source, { start, end: start + 3_600_000 });
  const { object, files: counts } = await mergeObjects(lake, { manifest, prefix: PREFIX });
  expect(counts).toEqual({ listed: 721, loaded: 721, rejected: 0, skipped: 0, empty: 0 });

  const merged = await readBack(lake, object);
  const original = new Map(files.map(({ name, body }) => [`data/${name}`, body.toString('latin1')]));
  expect(new Map(merged)).toEqual(original);
  const lines = merged.flatMap(([, text]) => text.split('\n').filter((line) => line.trim() !== ''));
  expect(lines).toHaveLength(35_351);
});

async function readHour(): Promise<readonly { readonly name: string; readonly body: Buffer }[]> {
  if (existsSync(REAL_HOUR)) {
    const names = await readdir(REAL_HOUR);
    return Promise.all(names.map(async (name) => ({ name, body: await readFile(`${REAL_HOUR}/${name}`) })));
  }
  return Array.from({ length: 721 }, (_, index) => {
    const lines = index === 0 ? 71 : 49;
    return {
      name: `2019-06-01-15-${17 + Math.floor(index / 60)}-${index % 60}-events.json`,
      body: Buffer.from('{"at":"x"}\n'.repeat(lines)),
    };
  });
}

async function readStoredBytes(lake: Lake, { key }: StoredObject): Promise<Buffer> {
  const { Body } = await lake.s3.send(new GetObjectCommand({ Bucket: lake.bucket, Key: key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
