import { DeleteObjectCommand, ListObjectVersionsCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deleteStored } from '../../lake/delete-stored.ts';
import { listKept } from '../../lake/list-kept.ts';
import { openLake } from '../../lake/open-lake.ts';
import type { Lake } from '../../lake/open-lake.ts';
import { putContentAddressed } from '../../lake/put-content-addressed.ts';
import { readStored } from '../../lake/read-stored.ts';
import { startVersionedStore } from '../erase/start-versioned-store.ts';
import type { VersionedStore } from '../erase/start-versioned-store.ts';
import { createBucket } from '../support/services.ts';
import { openTestLake } from './open-test-lake.ts';

let store: VersionedStore;
let lake: Lake;
beforeAll(async () => {
  store = await startVersionedStore();
  const { endpoint, region, ...credentials } = store.s3;
  lake = openLake({ bucket: await createBucket('lake', store.s3), endpoint, region, credentials });
});
afterAll(async () => {
  await lake.close();
  await store[Symbol.asyncDispose]();
});

const setVersions = (Status: 'Enabled' | 'Suspended') =>
  lake.s3.send(new PutBucketVersioningCommand({ Bucket: lake.bucket, VersioningConfiguration: { Status } }));
const put = (to: Lake, prefix: string, text: string) =>
  putContentAddressed(to, { prefix, suffix: '.txt', write: (sink) => sink.write(Buffer.from(text)) });
const remove = (from: Lake, Key: string) => from.s3.send(new DeleteObjectCommand({ Bucket: from.bucket, Key }));

async function list(from: Lake, prefix: string, startAfter?: string) {
  const found = [];
  for await (const { key, size, version } of listKept(from, { prefix, startAfter })) found.push({ key, size, version });
  return found;
}

async function countVersions(prefix: string): Promise<readonly [versions: number, marks: number]> {
  const { Versions = [], DeleteMarkers = [] } = await lake.s3.send(
    new ListObjectVersionsCommand({ Bucket: lake.bucket, Prefix: prefix }),
  );
  return [Versions.length, DeleteMarkers.length];
}

test('what was deleted is listed and can be read where the bucket keeps versions', async () => {
  await setVersions('Enabled');
  const kept = await put(lake, 'a/', 'kept');
  await put(lake, 'a/', 'kept');
  const gone = await put(lake, 'a/', 'gone');
  await remove(lake, gone.key);
  const found = await list(lake, 'a/');
  expect(found).toEqual(
    [
      { key: kept.key, size: 4, version: undefined },
      { key: gone.key, size: 4, version: expect.any(String) },
    ].sort((one, other) => (one.key < other.key ? -1 : 1)),
  );
  expect(await list(lake, 'a/', found[0]!.key)).toEqual([found[1]]);
  const { version } = found.find(({ key }) => key === gone.key)!;
  const chunks = [];
  for await (const chunk of readStored(lake, gone, { version })) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toBe('gone');
});

test('what is deleted for good leaves neither versions nor marks, whatever was done to it before', async () => {
  await setVersions('Enabled');
  const { key } = await put(lake, 'b/', 'again');
  await remove(lake, key);
  await put(lake, 'b/', 'again');
  await remove(lake, key);
  await remove(lake, key);
  const [versions, marks] = await countVersions('b/');
  expect([versions, marks > 0]).toEqual([2, true]);
  await deleteStored(lake, key);
  expect(await countVersions('b/')).toEqual([0, 0]);
  await deleteStored(lake, key);
  expect(await countVersions('b/')).toEqual([0, 0]);
});

test('what was put while the bucket kept none yet, or none any more, goes for good too', async () => {
  const other = openLake({ ...configOf(), bucket: await createBucket('lake', store.s3) });
  try {
    const before = await put(other, 'c/', 'before');
    await other.s3.send(
      new PutBucketVersioningCommand({ Bucket: other.bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    );
    await put(other, 'c/', 'before');
    await deleteStored(other, before.key);
    expect(await list(other, 'c/')).toEqual([]);
    const { Versions, DeleteMarkers } = await other.s3.send(new ListObjectVersionsCommand({ Bucket: other.bucket }));
    expect([Versions ?? [], DeleteMarkers ?? []]).toEqual([[], []]);
  } finally {
    await other.close();
  }
});

test('a bucket that keeps no versions is listed and emptied as ever', async () => {
  const plain = await openTestLake();
  const { key } = await put(plain, 'd/', 'plain');
  expect(await list(plain, 'd/')).toEqual([{ key, size: 5, version: undefined }]);
  await deleteStored(plain, key);
  await deleteStored(plain, key);
  expect(await list(plain, 'd/')).toEqual([]);
});

test('many objects are listed once each, over all pages', { timeout: 60_000 }, async () => {
  await setVersions('Enabled');
  const all = await Promise.all(Array.from({ length: 1_030 }, (_, index) => put(lake, 'e/', `object ${index}`)));
  const hidden = all.slice(0, 40);
  for (const { key } of hidden) await remove(lake, key);
  const found = await list(lake, 'e/');
  expect(found.map(({ key }) => key)).toEqual(all.map(({ key }) => key).sort());
  expect(found.filter(({ version }) => version !== undefined)).toHaveLength(hidden.length);
});

function configOf() {
  const { endpoint, region, ...credentials } = store.s3;
  return { endpoint, region, credentials };
}
