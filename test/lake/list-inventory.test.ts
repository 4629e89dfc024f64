import { expect, test } from 'vitest';
import { SourceTooLargeError } from '../../lake/errors.ts';
import { listInventory } from '../../lake/list-inventory.ts';
import { listObjects } from '../../lake/list-objects.ts';
import { listWindow } from '../../lake/list-window.ts';
import { manifestDigest } from '../../lake/manifest-digest.ts';
import type { Lake } from '../../lake/open-lake.ts';
import { putObject } from '../../lake/put-object.ts';
import type { S3SourceSpec } from '../../model/pipeline-spec.ts';
import type { Window } from '../../model/window.ts';
import { createBucket } from '../support/services.ts';
import { waitFor } from '../support/wait-for.ts';
import { openFaultyLake, openTestLake } from './open-test-lake.ts';

const sourceOf = (bucket: string): S3SourceSpec => ({
  kind: 's3',
  bucket,
  pattern: 'in/{any}.json',
  hourOf: 'lastModified',
  clockOffsetMinutes: 0,
});
const keysOf = (objects: readonly { readonly key: string }[]) => objects.map(({ key }) => key);

/** Puts objects, and says the stretch of time in which the server wrote them: from the first to the last of them. */
async function put(lake: Lake, bucket: string, keys: readonly string[]): Promise<Window> {
  for (const key of keys) await putObject(lake, { bucket, key, body: Buffer.from('x') });
  const times: number[] = [];
  for await (const { key, lastModified } of listObjects(lake, { use: { bucket, role: 'source' }, prefix: '' })) {
    if (keys.includes(key)) times.push(lastModified);
  }
  return { start: Math.min(...times), end: Math.max(...times) + 1 };
}

/** Waits until whatever is written next is written later, though a server may know seconds only. */
async function passed({ end }: Window): Promise<void> {
  await waitFor('the time has passed', () => Date.now() >= end + 1_100);
}

test('whatever is under the prefix belongs to the window in which it was last written', async () => {
  const lake = await openTestLake();
  const bucket = await createBucket('source');
  const first = await put(lake, bucket, [
    'other',
    'in/b.json',
    'in/a.json',
    'in/a.txt',
    'in/c\u202e.json',
    'in/z.json',
  ]);
  await passed(first);
  const second = await put(lake, bucket, ['in/2019-06-01.json', 'in/deeper/d.json', 'in/d.json']);
  expect(second.start).toBeGreaterThanOrEqual(first.end);

  const one = await listWindow(lake, sourceOf(bucket), first);
  expect(keysOf(one.objects)).toEqual(['in/a.json', 'in/b.json', 'in/z.json']);
  expect(keysOf(one.skipped)).toEqual(['in/a.txt']);
  expect(keysOf(one.rejected)).toEqual(['in/c\u202e.json']);
  expect(one.objects[0]).toEqual({
    key: 'in/a.json',
    size: 1,
    etag: expect.stringMatching(/^[0-9a-f]{32}$/u) as unknown,
  });
  const two = await listWindow(lake, sourceOf(bucket), second);
  expect(keysOf(two.objects)).toEqual(['in/2019-06-01.json', 'in/d.json']);
  expect(keysOf(two.skipped)).toEqual(['in/deeper/d.json']);
  expect(two.rejected).toEqual([]);

  // One listing says the same of each.
  let pages = 0;
  const whole = { start: first.start, end: second.end };
  const inventory = await listInventory(lake, sourceOf(bucket), whole, { onProgress: () => (pages += 1) });
  expect(pages).toBe(1);
  expect([first, second].map((window) => inventory.manifestOf(window))).toEqual([one, two]);
  expect(keysOf(inventory.manifestOf(whole).objects)).toHaveLength(5);
  expect(() => inventory.manifestOf({ start: first.start - 1, end: first.start })).toThrow(RangeError);
});

test('an object that is overwritten moves, even with the same bytes: both windows are another input', async () => {
  const lake = await openTestLake();
  const bucket = await createBucket('source');
  const first = await put(lake, bucket, ['in/a.json', 'in/b.json']);
  const before = await listWindow(lake, sourceOf(bucket), first);
  expect(keysOf(before.objects)).toEqual(['in/a.json', 'in/b.json']);
  await passed(first);
  const second = await put(lake, bucket, ['in/a.json']);

  const inventory = await listInventory(lake, sourceOf(bucket), { start: first.start, end: second.end });
  expect(keysOf(inventory.manifestOf(first).objects)).toEqual(['in/b.json']);
  expect(inventory.manifestOf(second).objects).toEqual([before.objects[0]]);
  expect(manifestDigest(inventory.manifestOf(first))).not.toBe(manifestDigest(before));
});

test('a prefix too large to be listed whole is refused after a thousand pages, with what to do', async () => {
  let requests = 0;
  const lake = await openFaultyLake((_request, response) => {
    requests += 1;
    response
      .writeHead(200, { 'content-type': 'application/xml' })
      .end(
        `<ListBucketResult><Name>source</Name><Prefix>in/</Prefix><IsTruncated>true</IsTruncated><NextContinuationToken>${requests}</NextContinuationToken></ListBucketResult>`,
      );
  });
  const listing = listWindow(lake, sourceOf('source'), { start: 0, end: 2_000 });
  await expect(listing).rejects.toThrow(SourceTooLargeError);
  await expect(listing).rejects.toThrow(
    'More than 1000000 objects stand under "in/" in bucket "source". By the rule lastModified the whole of it is listed.',
  );
  expect(requests).toBe(1_000);
}, 30_000);
