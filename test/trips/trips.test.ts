// One file: runs of one month have one id, and files of tests run side by side.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trips } from '../../assets/trips/pipeline.ts';
import type { HourResult } from '../../model/hour-run.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { makeParquets } from '../support/make-parquet.ts';
import { placeTrips, tripRow } from './month.ts';

/** What the server of files has, by path. */
const files = new Map<string, { readonly status: number; readonly body: Buffer }>();
const server = createServer(({ url = '', method }, response) => {
  const { status, body } = files.get(url) ?? { status: 404, body: Buffer.from('<html>not here</html>') };
  const etag = `"${createHash('md5').update(body).digest('hex')}"`;
  response.writeHead(status, { etag, 'content-length': body.length });
  response.end(method === 'HEAD' ? undefined : body);
});

let stack: Stack;
beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  stack = await openStack(placeTrips(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
});
afterAll(async () => {
  await stack.close();
  server.closeAllConnections();
  server.close();
});

const FEBRUARY = Date.UTC(2025, 1, 1);
const PATH = '/yellow_tripdata_2025-02.parquet';

/** Makes February of what the server has now. */
async function makeOf(body: Buffer | string, status = 200): Promise<HourResult> {
  files.set(PATH, { status, body: Buffer.from(body) });
  return stack.run(FEBRUARY);
}

/** What is visible of February. */
async function readMonth(): Promise<{ readonly days: object[]; readonly held: object[] }> {
  const { sql } = stack.warehouse;
  const days = await sql`
    select pickup_date, total_passenger_count, total_distance, total_fare from trips.daily_summary order by 1
  `;
  const held = await sql`select source_key, line::int, reason, detail from hourloom.quarantine order by 1, 2`;
  return { days: [...days].map((row) => Object.values(row)), held: [...held].map((row) => Object.values(row)) };
}

async function makeOne(statement: string): Promise<Buffer> {
  const [file] = await makeParquets([statement]);
  return file!;
}

const rejected = (detail: string) => ({ days: [], held: [[PATH, 0, 'parquet', detail]] });

test('a month that was not published in its time is empty, whatever its page says, and is made when it comes', async () => {
  files.delete(PATH);
  expect(await stack.run(FEBRUARY)).toMatchObject({ outcome: 'made', data: 'empty', counts: { files: 0 } });
  expect(await makeOf('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', 403)).toMatchObject({
    outcome: 'unchanged',
    data: 'empty',
  });
  expect(await makeOf(await makeOne(tripRow()))).toMatchObject({ outcome: 'made', data: 'fresh' });
  expect(await readMonth()).toEqual({ days: [['2025-02-03', 1, 2.5, 10.5]], held: [] });
});

test.each([
  ['an XML error page', '<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>', 'it is an XML document'],
  [
    'a git-lfs pointer',
    'version https://git-lfs.github.com/spec/v1\noid sha256:446d\nsize 61234\n',
    'it is a git-lfs pointer',
  ],
])('%s in place of a file is held back', async (_, body, detail) => {
  expect(await makeOf(body)).toMatchObject({ outcome: 'made', counts: { filesRejected: 1, lines: 0 } });
  expect(await readMonth()).toEqual(rejected(detail));
});

test('a truncated file is held back, also where its length is what the server says', async () => {
  const whole = await makeOne(tripRow());
  await makeOf(whole.subarray(0, whole.length / 2));
  expect(await readMonth()).toEqual(rejected('it does not end as Parquet does: it is cut short'));
});

test('a file that lacks a column is held back, and so is one whose column is of another type', async () => {
  expect(await makeOf(await makeOne(tripRow({ fare_amount: '' })))).toMatchObject({
    counts: { filesLoaded: 0, filesRejected: 1 },
  });
  expect(await readMonth()).toEqual(rejected('it has no column "fare_amount"'));
  await makeOf(await makeOne(tripRow({ fare_amount: "'10.50'" })));
  expect(await readMonth()).toEqual(rejected('its column "fare_amount" is VARCHAR, which is no number'));
});

test('a value that cannot be added up holds the file back, with what is wrong with it', async () => {
  await makeOf(await makeOne(`${tripRow()} union all ${tripRow({ fare_amount: "'nan'::double" })}`));
  const { days, held } = await readMonth();
  expect(days).toEqual([]);
  expect(held).toMatchObject([[PATH, 0, 'parquet', expect.stringContaining('DECIMAL(18,4)')]]);
});

test('a file whose pages are damaged within is held back', async () => {
  const file = await makeOne(`select * replace (i::double as trip_distance) from (${tripRow()}), range(50000) as t(i)`);
  file.fill(0xff, 200, 4_000);
  expect(await makeOf(file)).toMatchObject({ outcome: 'made', counts: { filesLoaded: 0, filesRejected: 1 } });
  expect((await readMonth()).days).toEqual([]);
});

test('a file without a row group is empty', async () => {
  const none = await makeOne(`select * from (${tripRow()}) where false`);
  expect(await makeOf(none)).toMatchObject({ outcome: 'made', counts: { files: 1, filesEmpty: 1, lines: 0 } });
  expect(await readMonth()).toEqual({ days: [], held: [] });
});

test('rows of other months, and of the same month in other years, are left out and counted', async () => {
  const at = (time: string) =>
    tripRow({ tpep_pickup_datetime: time === 'null' ? 'null::timestamp' : `timestamp '${time}'` });
  const times = [
    ...['2025-01-31 23:59:59.999999', '2025-02-01 00:00:00', '2025-02-28 23:59:59.999999', '2025-03-01 00:00:00'],
    ...['2024-02-03 10:00:00', '2008-12-31 23:00:00', 'null'],
  ];
  expect(await makeOf(await makeOne(times.map(at).join(' union all ')))).toMatchObject({ counts: { good: 2 } });
  expect((await readMonth()).days).toEqual([
    ['2025-02-01', 1, 2.5, 10.5],
    ['2025-02-28', 1, 2.5, 10.5],
  ]);
  const [made] = await stack.warehouse.sql`
    select counts from hourloom.materialization where asset = 'trips/daily_summary' order by load_id desc limit 1
  `;
  expect(made?.['counts']).toMatchObject({ fileRows: 7, outsideWindow: 5 });
});

test('a month in other types is the same month: wide ids, nanoseconds, floats, names in other letters', async () => {
  const file = await makeOne(
    tripRow({
      VendorID: '2::bigint',
      tpep_pickup_datetime: '',
      TPEP_Pickup_Datetime: "timestamp_ns '2025-02-03 10:00:00.123456789'",
      passenger_count: '1::double',
      trip_distance: '2.5::float',
      fare_amount: '10.5::decimal(9, 2)',
      Airport_fee: '',
      airport_fee: '0::double',
    }),
  );
  expect(await makeOf(file)).toMatchObject({ counts: { good: 1 } });
  expect(await readMonth()).toEqual({ days: [['2025-02-03', 1, 2.5, 10.5]], held: [] });
});

test('what was unusual is counted by checks that warn, and stays in the sums', async () => {
  const strange = [
    tripRow({ fare_amount: '-3::double' }),
    tripRow({ trip_distance: '260000::double' }),
    tripRow({ tpep_dropoff_datetime: "timestamp '2025-02-03 09:00:00'" }),
  ];
  const result = await makeOf(await makeOne(strange.join(' union all ')));
  expect(result.failedChecks?.map(({ name }) => name)).toEqual([
    'negative_fares',
    'impossible_distances',
    'dropoffs_before_pickup',
  ]);
  expect((await readMonth()).days).toEqual([['2025-02-03', 3, 260_005, 18]]);
});

test('the kept file is enough to make the month again, and another file takes its place', async () => {
  await makeOf(await makeOne(tripRow()));
  files.delete(PATH);
  expect(await stack.run(FEBRUARY, { from: 'transform' })).toMatchObject({ outcome: 'made', counts: { good: 1 } });
  expect((await readMonth()).days).toEqual([['2025-02-03', 1, 2.5, 10.5]]);
});

const KEY = 'yellow_tripdata_2025-02.parquet';
/** The sample is not part of the project: where it is not, the generated month below holds the same rules. */
const SAMPLE = new URL(`../../../shared/data/trips/${KEY}`, import.meta.url);
const isHere = existsSync(SAMPLE);

test(`the real sample gives the known answers ${isHere ? '' : '(not run: the sample is not on this machine)'}`, async () => {
  if (!isHere) return;
  const stack = await openStack(trips);
  try {
    await stack.feed([{ key: KEY, body: await readFile(SAMPLE) }]);
    expect(await stack.run(FEBRUARY)).toMatchObject({
      outcome: 'made',
      data: 'fresh',
      counts: { files: 1, filesLoaded: 1, lines: 28, good: 28, quarantined: 0 },
    });
    const { sql } = stack.warehouse;
    const [sums] = await sql`
      select
        count(*)::int as days,
        sum(total_passenger_count)::int as passengers,
        round(sum(total_distance)::numeric, 2)::float as distance,
        round(sum(total_fare)::numeric, 2)::float as fare
      from trips.daily_summary
    `;
    expect(sums).toEqual({ days: 28, passengers: 3875, distance: 88_959.99, fare: 83_908.85 });
    const [first] = await sql`
      select pickup_date, total_passenger_count::int, total_distance, total_fare
      from trips.daily_summary order by pickup_date limit 1
    `;
    expect(first).toEqual({
      pickup_date: '2025-02-01',
      total_passenger_count: 149,
      total_distance: 524.81,
      total_fare: 2878.67,
    });
    expect(await stack.run(FEBRUARY)).toMatchObject({ outcome: 'unchanged' });
  } finally {
    await stack.close();
  }
});
