import { createHash } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { Bundle } from '../../lake/bundle.ts';
import { KeptBundles } from '../../lake/kept-bundles.ts';
import { TemporaryFile } from '../../lake/temporary-file.ts';
import type { StoredObject } from '../../model/source-object.ts';

interface Made {
  readonly bundle: Bundle;
  readonly file: TemporaryFile;
  readonly object: StoredObject;
}

async function make(name: string, bytes: number): Promise<Made> {
  const file = await TemporaryFile.create();
  await file.write(Buffer.alloc(bytes, name));
  const bundle = new Bundle({ files: [{ source: name, size: bytes }], rejected: [] }, [file]);
  const chunks: Buffer[] = [];
  for await (const chunk of bundle.read()) chunks.push(chunk);
  const digest = createHash('sha256').update(Buffer.concat(chunks)).digest('hex');
  return { bundle, file, object: { key: `raw/${digest}.files`, size: bundle.size, digest } };
}

function keepUpTo(bytes: number): KeptBundles {
  const kept = new KeptBundles(bytes);
  onTestFinished(() => kept.close());
  return kept;
}

/** Whether the disk was given back. */
async function isGone({ file }: Made): Promise<boolean> {
  return file.readAt(0, 1).then(
    () => false,
    () => true,
  );
}

test('what is kept is handed over once, as it is in the lake', async () => {
  const kept = keepUpTo(10_000);
  const one = await make('one', 3_000);
  await kept.keep(one.object, one.bundle);
  await using taken = await kept.take(one.object);
  expect(taken).toBe(one.bundle);
  expect((await taken!.readAt(10, 200)).equals((await collect(taken!)).subarray(10, 210))).toBe(true);
  expect(await kept.take(one.object)).toBeUndefined();
});

test('what is no longer the object is not handed over, and its disk is given back', async () => {
  const kept = keepUpTo(10_000);
  const longer = await make('one', 3_000);
  await kept.keep(longer.object, longer.bundle);
  await longer.file.write(Buffer.from('x'));
  expect(await kept.take(longer.object)).toBeUndefined();
  const other = await make('two', 3_000);
  const { key, size } = other.object;
  await kept.keep(other.object, other.bundle);
  expect(await kept.take({ key, size, digest: longer.object.digest })).toBeUndefined();
  expect([await isGone(longer), await isGone(other)]).toEqual([true, true]);
});

test('the ones that wait longest make room', async () => {
  const kept = keepUpTo(7_000);
  const all = [await make('one', 3_000), await make('two', 3_000), await make('three', 3_000)];
  for (const { object, bundle } of all) await kept.keep(object, bundle);
  expect(await Promise.all(all.map(isGone))).toEqual([true, false, false]);
  const large = await make('large', 8_000);
  await kept.keep(large.object, large.bundle);
  expect(await Promise.all([...all, large].map(isGone))).toEqual([true, true, true, true]);
});

test('a bundle that is kept again takes the place of the first', async () => {
  const kept = keepUpTo(10_000);
  const [one, again] = [await make('one', 3_000), await make('one', 3_000)];
  await kept.keep(one.object, one.bundle);
  await kept.keep(again.object, again.bundle);
  expect([await isGone(one), await isGone(again)]).toEqual([true, false]);
});

test('closing gives the disk back, and so does keeping afterwards', async () => {
  const kept = keepUpTo(10_000);
  const [one, two] = [await make('one', 3_000), await make('two', 3_000)];
  await kept.keep(one.object, one.bundle);
  await kept.close();
  await kept.keep(two.object, two.bundle);
  expect([await isGone(one), await isGone(two)]).toEqual([true, true]);
});

async function collect(bundle: Bundle): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of bundle.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
}
