import { CreateMultipartUploadCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { door2door } from '../../assets/index.ts';
import { sampleVehicles } from '../../assets/door2door/sample.ts';
import { collectGarbage } from '../../cli/collect-garbage.ts';
import type { Garbage } from '../../cli/collect-garbage.ts';
import { getObject } from '../../lake/get-object.ts';
import { listObjects } from '../../lake/list-objects.ts';
import type { PartitionRef } from '../../model/partition.ts';
import { readVisible } from '../../warehouse/read-ledger.ts';
import { definitionOf, openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';

const { spec } = definitionOf(door2door);
/** No other test file makes it: they share one Temporal. */
const HOUR = Date.parse('2019-07-02T18:00:00Z');
const TOMORROW = Date.now() + 24 * 3_600_000;
const VEHICLES = 'tables/door2door/vehicle_location/year=2019/month=07/day=02/';

let stack: Stack;
beforeAll(async () => {
  stack = await openStack(door2door);
  const files = sampleVehicles({ start: HOUR, end: HOUR + 3_600_000 });
  await stack.feed(files);
  await stack.run(HOUR);
  // A file less: another merged object, other rows, another Parquet file.
  await stack.feed([{ ...files.at(-1)!, body: '' }]);
  await stack.run(HOUR);
});
afterAll(() => stack.close());

test('the list of a day names the Parquet that is current, as the ledger does', async () => {
  const made = await readVisible(stack.warehouse.sql, { pipeline: spec.name, start: HOUR });
  const vehicles = made.find(({ asset }) => asset === 'door2door/vehicle_location')!;
  expect(await readJson(`${VEHICLES}_manifest.json`)).toEqual({
    asset: 'door2door/vehicle_location',
    objects: [
      {
        partition: '2019-07-02T18',
        key: vehicles.objectKey,
        bytes: vehicles.counts.bytes,
        rows: vehicles.rowCount,
        load_id: vehicles.loadId,
      },
    ],
  });
  // The file of the load before is still there: it may be read at this moment.
  expect((await listKeys(VEHICLES)).filter((key) => key.endsWith('.parquet'))).toHaveLength(2);
});

test('what is young stays, and so do windows that are being made', async () => {
  expect(sum(await collect({ before: Date.now() - 3_600_000 }))).toBe(0);
  await setClaimed('2019-07-02T18:00:00Z');
  expect(sum(await collect({ open: [{ pipeline: spec.name, start: HOUR }] }))).toBe(0);
});

test('a dry run says what would go and takes nothing', async () => {
  const before = await listKeys('');
  const found = await collect({});
  expect(found.map(({ prefix, objects }) => [prefix, objects])).toEqual([
    ['raw/door2door/', 1],
    ['staged/door2door/', 3],
    ['tables/door2door/vehicle_location/', 1],
    ['tables/door2door/operating_periods/', 0],
  ]);
  expect(await listKeys('')).toEqual(before);
});

test('with --yes that goes, and all that the ledger names can still be read', async () => {
  const would = await collect({});
  const manifests = (await listKeys('manifests/')).length;
  expect(await collect({ isToDelete: true })).toEqual(would);
  expect(sum(await collect({}))).toBe(0);

  const made = await readVisible(stack.warehouse.sql, { pipeline: spec.name, start: HOUR });
  const named = made.flatMap(({ objectKey }) => objectKey ?? []).sort();
  const left = await listKeys('');
  expect(left.filter((key) => /^(?:raw|staged|tables)\/.*[0-9a-f]{64}/u.test(key))).toEqual(named);
  expect(named).toHaveLength(3);
  expect(left.filter((key) => key.startsWith('manifests/'))).toHaveLength(manifests);
  expect((await stack.run(HOUR, { from: 'transform', force: true })).outcome).toBe('made');
});

test('uploads that were begun a day ago and never ended go too', async () => {
  const { s3, bucket: Bucket } = stack.lake;
  const Key = 'raw/door2door/2019/07/04/18/left-by-a-killed-worker.files';
  await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const uploads = async (asked: Asked) => (await collect(asked)).map((each) => each.uploads);
  expect(await uploads({ before: Date.now() - 3_600_000, isToDelete: true })).toEqual([0, 0, 0, 0]);
  expect(await uploads({})).toEqual([1, 0, 0, 0]);
  expect(await uploads({ isToDelete: true })).toEqual([1, 0, 0, 0]);
  expect(await uploads({})).toEqual([0, 0, 0, 0]);
});

interface Asked {
  readonly before?: number;
  readonly open?: readonly PartitionRef[];
  readonly isToDelete?: boolean;
}

/** As if a day had passed. */
async function collect({ before = TOMORROW, open = [], isToDelete = false }: Asked): Promise<readonly Garbage[]> {
  const found: Garbage[] = [];
  const { lake, warehouse } = stack;
  const openWindows = () => Promise.resolve(open);
  for await (const each of collectGarbage(spec, { lake, warehouse, before, openWindows, isToDelete })) found.push(each);
  return found;
}

function sum(found: readonly Garbage[]): number {
  return found.reduce((objects, each) => objects + each.objects, 0);
}

async function setClaimed(at: string): Promise<void> {
  await stack.warehouse.sql`update hourloom.fence set claimed_at = ${at}`;
}

async function listKeys(prefix: string): Promise<readonly string[]> {
  const keys: string[] = [];
  const use = { bucket: stack.lake.bucket, role: 'lake' } as const;
  for await (const { key } of listObjects(stack.lake, { use, prefix })) keys.push(key);
  return keys;
}

async function readJson(key: string): Promise<unknown> {
  const answer = await getObject(stack.lake, { use: { bucket: stack.lake.bucket, role: 'lake' }, key });
  return JSON.parse(Buffer.from(await answer.body.arrayBuffer()).toString());
}
