import { describe, expect, test } from 'vitest';
import { SourceMissingError, SourceRefusedError, StorageUnreachableError } from '../../lake/errors.ts';
import { freezeManifest } from '../../lake/freeze-manifest.ts';
import { listObjects } from '../../lake/list-objects.ts';
import { listWindow } from '../../lake/list-window.ts';
import { manifestDigest } from '../../lake/manifest-digest.ts';
import type { Lake } from '../../lake/open-lake.ts';
import { putObject } from '../../lake/put-object.ts';
import { readManifest } from '../../lake/read-manifest.ts';
import type { S3SourceSpec } from '../../model/pipeline-spec.ts';
import { createBucket } from '../support/services.ts';
import { openFaultyLake, openOwnLake, openTestLake } from './open-test-lake.ts';

const START = Date.parse('2019-06-01T18:00:00Z');
const HOUR = { start: START, end: START + 3_600_000 };

function sourceOf(bucket: string, own: Partial<S3SourceSpec> = {}): S3SourceSpec {
  return {
    kind: 's3',
    bucket,
    pattern: 'data/{yyyy}-{MM}-{dd}-{HH}-{m}-{s}-events.json',
    hourOf: 'keyTime',
    clockOffsetMinutes: -180,
    ...own,
  };
}

async function put(lake: Lake, bucket: string, keys: readonly string[]): Promise<void> {
  for (const key of keys) await putObject(lake, { bucket, key, body: Buffer.from(key) });
}

const keysOf = (objects: readonly { readonly key: string }[]) => objects.map(({ key }) => key);

describe('listWindow', () => {
  test('sorts a window into objects, skipped and rejected, by the bytes of their keys, and sees no other window', async () => {
    const lake = await openTestLake();
    const bucket = await createBucket('source');
    await put(lake, bucket, [
      'data/2019-06-01-15-9-3-events.json',
      'data/2019-06-01-15-17-3-events.json',
      'data/2019-06-01-15-17-20-events.json',
      'data/2019-06-01-15-17-3-events.json.tmp',
      'data/2019-06-01-15-77-3-events.json',
      'data/2019-06-01-15-17-4\u202e-events.json',
      'data/2019-06-01-15-\u{1f600} +%41&<x>',
      'data/2019-06-01-15-\uffee',
      'data/2019-06-01-14-59-59-events.json',
      'data/2019-06-01-16-0-0-events.json',
      'other',
    ]);
    const manifest = await listWindow(lake, sourceOf(bucket), HOUR);
    expect(manifest.bucket).toBe(bucket);
    expect(keysOf(manifest.objects)).toEqual([
      'data/2019-06-01-15-17-20-events.json',
      'data/2019-06-01-15-17-3-events.json',
      'data/2019-06-01-15-9-3-events.json',
    ]);
    expect(keysOf(manifest.skipped)).toEqual([
      'data/2019-06-01-15-17-3-events.json.tmp',
      'data/2019-06-01-15-\uffee',
      'data/2019-06-01-15-\u{1f600} +%41&<x>',
    ]);
    expect(keysOf(manifest.rejected)).toEqual([
      'data/2019-06-01-15-17-4\u202e-events.json',
      'data/2019-06-01-15-77-3-events.json',
    ]);
    expect(manifest.objects[0]).toEqual({
      key: 'data/2019-06-01-15-17-20-events.json',
      size: 36,
      etag: expect.stringMatching(/^[0-9a-f]{32}$/u) as unknown,
    });
  });

  test('a window between two hours of the clock takes only its own objects', async () => {
    const lake = await openTestLake();
    const bucket = await createBucket('source');
    await put(
      lake,
      bucket,
      ['29-59', '30-0'].flatMap((time) => [23, 22].map((hour) => `data/2019-06-01-${hour}-${time}-events.json`)),
    );
    const manifest = await listWindow(lake, sourceOf(bucket, { clockOffsetMinutes: 270 }), HOUR);
    expect(keysOf(manifest.objects)).toEqual([
      'data/2019-06-01-22-30-0-events.json',
      'data/2019-06-01-23-29-59-events.json',
    ]);
    expect(manifest.skipped).toEqual([]);
  });

  test('goes on from page to page', async () => {
    const lake = await openTestLake();
    const bucket = await createBucket('source');
    const keys = Array.from(
      { length: 1_001 },
      (_, index) => `data/2019-06-01-15-${Math.floor(index / 60)}-${index % 60}-events.json`,
    );
    for (let at = 0; at < keys.length; at += 50) {
      await Promise.all(keys.slice(at, at + 50).map((key) => putObject(lake, { bucket, key, body: Buffer.from('x') })));
    }
    const progress: number[] = [];
    const manifest = await listWindow(lake, sourceOf(bucket), HOUR, {
      onProgress: (objects) => progress.push(objects),
    });
    expect(keysOf(manifest.objects)).toEqual([...keys].sort());
    expect(progress).toEqual([1_000, 1_001]);
  });

  test('a missing bucket, refused credentials and a dead server each say so', async () => {
    const lake = await openTestLake();
    await expect(listWindow(lake, sourceOf('no-such-bucket'), HOUR)).rejects.toThrow(SourceMissingError);
    await expect(listWindow(lake, sourceOf('no-such-bucket'), HOUR)).rejects.toThrow(
      `There is no source bucket "no-such-bucket" at ${lake.at}. Create it, or correct the bucket's name.`,
    );
    for (const credentials of [
      { accessKeyId: 'stranger', secretAccessKey: 'wrong' },
      { accessKeyId: 'hourloom-test', secretAccessKey: 'wrong' },
    ]) {
      await expect(listWindow(openOwnLake({ credentials }), sourceOf(lake.bucket), HOUR)).rejects.toThrow(
        SourceRefusedError,
      );
    }
    const dead = openOwnLake({ endpoint: 'http://127.0.0.1:9' });
    await expect(listWindow(dead, sourceOf(lake.bucket), HOUR)).rejects.toThrow(StorageUnreachableError);
    await expect(listWindow(dead, sourceOf(lake.bucket), HOUR)).rejects.toThrow('ECONNREFUSED');
  });
});

describe('a listing that cannot be trusted is an error', () => {
  const page = (inner: string) =>
    `<ListBucketResult><Name>source</Name><Prefix>data/</Prefix>${inner}</ListBucketResult>`;
  test.each([
    [
      'cut off without saying where it goes on',
      page('<IsTruncated>true</IsTruncated>'),
      'is cut off and does not say where it goes on',
    ],
    ['an HTML page', '<html><body>maintenance</body></html>', 'is no listing'],
    [
      'an object without its etag',
      page('<Contents><Key>data/a</Key><Size>1</Size><LastModified>2019-06-01T18:00:00.000Z</LastModified></Contents>'),
      'the listing shows "data/a" without size, etag or time',
    ],
  ])('%s', async (_name, body, message) => {
    const lake = await openFaultyLake(
      (_request, response) => void response.writeHead(200, { 'content-type': 'application/xml' }).end(body),
    );
    const listing = listWindow(lake, sourceOf('source'), HOUR);
    await expect(listing).rejects.toThrow(StorageUnreachableError);
    await expect(listing).rejects.toThrow(message);
  });

  test('one that always goes on at the same place', async () => {
    const body = page('<IsTruncated>true</IsTruncated><NextContinuationToken>again</NextContinuationToken>');
    let requests = 0;
    const lake = await openFaultyLake((_request, response) => {
      requests += 1;
      response.writeHead(200, { 'content-type': 'application/xml' }).end(body);
    });
    await expect(listWindow(lake, sourceOf('source'), HOUR)).rejects.toThrow('does not say where it goes on');
    expect(requests).toBe(2);
  });

  test('an abort ends a listing that hangs', async () => {
    const stop = new AbortController();
    const lake = await openFaultyLake(() => stop.abort());
    await expect(listWindow(lake, sourceOf('source'), HOUR, { signal: stop.signal })).rejects.toThrow('aborted');
  });
});

test('listObjects says when an object was last written', async () => {
  const lake = await openTestLake();
  const before = Date.now();
  await put(lake, lake.bucket, ['a']);
  const listed = [];
  for await (const object of listObjects(lake, { use: { bucket: lake.bucket, role: 'lake' }, prefix: '' }))
    listed.push(object);
  expect(keysOf(listed)).toEqual(['a']);
  expect(Math.abs((listed[0]?.lastModified ?? 0) - before)).toBeLessThan(60_000);
});

describe('a manifest', () => {
  const object = (key: string, etag = 'e') => ({ key, size: 1, etag });
  const manifest = { bucket: 'b', objects: [object('a')], skipped: [object('s')], rejected: [object('r')] };

  test('has a digest that follows bucket, objects and rejected names, and nothing else', () => {
    const digest = manifestDigest(manifest);
    expect(digest).toBe('a4d103a7dd9bd980f1604843f28414d4f78df7f1d03fddef8e672dd7b9e8f9a5');
    expect(manifestDigest({ ...manifest, skipped: [] })).toBe(digest);
    const changed = [
      { ...manifest, bucket: 'c' },
      { ...manifest, objects: [object('a', 'f')] },
      { ...manifest, objects: [{ ...object('a'), size: 2 }] },
      { ...manifest, rejected: [] },
      { ...manifest, objects: [object('a'), object('r')], rejected: [] },
    ].map(manifestDigest);
    expect(new Set([digest, ...changed]).size).toBe(6);
  });

  test('is frozen under the digest of its bytes, and read back', async () => {
    const lake = await openTestLake();
    const frozen = await freezeManifest(lake, manifest, { prefix: 'manifests/p/' });
    expect(frozen.key).toBe(`manifests/p/${frozen.digest}.json.gz`);
    expect(await freezeManifest(lake, manifest, { prefix: 'manifests/p/' })).toEqual(frozen);
    expect(await readManifest(lake, frozen)).toEqual(manifest);
  });
});
