import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { makeParquets } from '../support/make-parquet.ts';
import { tripRow } from '../trips/month.ts';
import { useMachine } from './use-machine.ts';

// A whole machine starts here; on a busy computer each command takes its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

type Serve = (request: IncomingMessage, response: ServerResponse) => void;

/** What the publisher of the files answers, by month. */
const months = new Map<string, Serve>();
/** The GETs that it was sent. */
const asked: { readonly month: string; readonly range: string | undefined }[] = [];
const server = createServer((request, response) => {
  const month = /^\/data\/yellow_tripdata_(\d{4}-\d{2})\.parquet$/u.exec(request.url ?? '')?.[1] ?? '';
  if (request.method === 'GET') asked.push({ month, range: request.headers.range });
  (months.get(month) ?? absent)(request, response);
});
const absent: Serve = (_, response) =>
  void response.writeHead(403, { 'content-type': 'application/xml' }).end('<Error><Code>AccessDenied</Code></Error>');

// Before the machine, whose commands are told where it is.
beforeAll(() => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const { ask, askJson } = useMachine(() => ({
  HOURLOOM_ASSETS: fileURLToPath(new URL('./trips-assets.mjs', import.meta.url)),
  HOURLOOM_SOURCE_TRIPS: `http://127.0.0.1:${(server.address() as AddressInfo).port}/data`,
}));

/** A month of a few trips on its third day. */
async function makeMonth(month: string, columns: readonly Record<string, string>[] = [{}]): Promise<Buffer> {
  const at = `timestamp '${month}-03 10:00:00'`;
  const rows = columns.map((own) =>
    tripRow({ tpep_pickup_datetime: at, tpep_dropoff_datetime: `${at} + to_minutes(10)`, ...own }),
  );
  const [body] = await makeParquets([rows.join(' union all ')]);
  return body!;
}

/** Answers as a server of files does, from where it was asked to. */
function serve(body: Buffer): Serve {
  return ({ method, headers }, response) => {
    const from = Number(/^bytes=(\d+)-$/u.exec(headers.range ?? '')?.[1] ?? 0);
    response.writeHead(from === 0 ? 200 : 206, {
      etag: `"${createHash('md5').update(body).digest('hex')}"`,
      'content-length': body.length - from,
      ...(from === 0 ? {} : { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` }),
    });
    response.end(method === 'HEAD' ? undefined : body.subarray(from));
  };
}

async function readDays(): Promise<unknown> {
  const days = 'select pickup_date, trips, total_fare from trips.daily_summary order by 1';
  return (await askJson(['query', days]))['rows'];
}

const day = (month: string, trips = 1) => ({ pickup_date: `${month}-03`, trips, total_fare: 10.5 * trips });

test('one month is made of the file behind its address', async () => {
  months.set('2025-02', serve(await makeMonth('2025-02')));
  await askJson(['run', 'trips', '--partition', '2025-02', '--wait']);
  expect(await readDays()).toEqual([day('2025-02')]);
});

test('a backfill fetches several months at once, goes on where one was cut, and tries through an outage', async () => {
  const bodies = new Map<string, Buffer>();
  for (const month of ['2025-03', '2025-04', '2025-05']) bodies.set(month, await makeMonth(month));
  // Neither is answered before both were asked for: one after the other they would never come.
  const both = meeting(2);
  for (const month of ['2025-03', '2025-04']) {
    const whole = serve(bodies.get(month)!);
    months.set(month, (request, response) => {
      if (request.method === 'HEAD') return whole(request, response);
      void both().then(() => whole(request, response));
    });
  }
  // This one says 503 to its first HEAD, and cuts its first GET.
  const [may, body] = [serve(bodies.get('2025-05')!), bodies.get('2025-05')!];
  let looks = 0;
  months.set('2025-05', (request, response) => {
    if (request.method === 'HEAD') {
      looks += 1;
      return looks === 1 ? void response.writeHead(503, { 'retry-after': '1' }).end() : may(request, response);
    }
    if (request.headers.range !== undefined) return may(request, response);
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    response.writeHead(200, { etag, 'content-length': body.length });
    response.write(body.subarray(0, 100), () => setImmediate(() => response.destroy()));
  });

  const range = ['--from', '2025-03', '--to', '2025-07'];
  const done = await askJson(['backfill', 'start', 'trips', ...range, '--width', '4', '--id', 'spring', '--wait']);
  expect(done).toMatchObject({ progress: { state: 'done', total: 4, done: 4, made: 4, failed: 0 } });
  expect(await readDays()).toEqual(['2025-02', '2025-03', '2025-04', '2025-05'].map((month) => day(month)));
  const ranges = asked.filter(({ month }) => month === '2025-05').map(({ range: from }) => from);
  expect(ranges[0]).toBeUndefined();
  expect(ranges.slice(1).every((from) => from === undefined || /^bytes=\d+-$/u.test(from))).toBe(true);
  expect(looks).toBeGreaterThan(1);
});

test('a month that was not published in its time is no failure, and is made when it comes', async () => {
  const range = ['--from', '2025-06', '--to', '2025-07'];
  expect(await askJson(['status', 'trips/daily_summary', ...range])).toMatchObject({
    assets: [{ counts: { empty: 1, failed: 0 } }],
  });
  months.set('2025-06', serve(await makeMonth('2025-06')));
  await askJson(['run', 'trips', '--partition', '2025-06', '--wait']);
  expect(await readDays()).toContainEqual(day('2025-06'));
});

test('a month that is not published yet waits, is made when it comes, and stays when the server shuts itself', async () => {
  const [month, next] = [monthFromNow(-2), monthFromNow(-1)];
  const name = `yellow_tripdata_${month}.parquet`;
  const until = new Date(Date.parse(`${next}-01T00:00:00Z`) + 120 * 86_400_000);
  const said = `${name} is not published yet; it is asked for until ${until.toISOString().slice(0, 19)}Z.`;
  const run = ['run', 'trips', '--partition', month, '--wait'];
  const awaited = { first: name, last: name, count: 1, until: until.getTime() };
  expect(await askJson(run)).toMatchObject({ outcome: 'waiting', data: 'missing', rows: {}, awaited });
  const { code, stdout } = await ask(...run);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `month/trips-${month}-01T00:00:00Z: waiting, missing. ${said}\nReconcile asks every 10 minutes, and makes it when it comes.\n`,
  });

  const range = ['--from', month, '--to', next];
  const backfill = await askJson(['backfill', 'start', 'trips', ...range, '--id', 'too-early', '--wait']);
  const tally = { total: 1, done: 1, made: 0, unchanged: 0, waiting: 1, failed: 0 };
  expect(backfill).toMatchObject({ progress: { state: 'done', ...tally } });
  expect((await ask('backfill', 'list')).stdout).toMatch(/too-early +done +1 +0 +0 +1 +0 /u);

  expect(await askJson(['status', 'trips/daily_summary', ...range])).toMatchObject({
    assets: [{ counts: { missing: 1, waiting: 1, empty: 0, idle: 0, failed: 0 } }],
  });
  const explained = { data: 'missing', attempt: 'waiting', marks: [], why: { attempt: said } };
  expect(await askJson(['why', 'trips/daily_summary', month])).toMatchObject(explained);

  months.set(month, serve(await makeMonth(month)));
  expect(await askJson(run)).toMatchObject({ outcome: 'made', data: 'fresh' });
  months.delete(month);
  expect(await askJson(run)).toMatchObject({ outcome: 'waiting', data: 'fresh', rows: { 'trips/daily_summary': 1 } });
  expect((await ask(...run)).stdout).toContain(' What was made before stays.');
  expect(await readDays()).toContainEqual(day(month));
});

/** The name of a month so many after the present one. */
function monthFromNow(months: number): string {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months)).toISOString().slice(0, 7);
}

test('files that keep failing are on a list, and are made when they were put right and are asked for again', async () => {
  const whole = await makeMonth('2025-07');
  const [text] = await makeParquets([tripRow({ fare_amount: "'ten'" })]);
  months.set('2025-07', serve(whole.subarray(0, 300)));
  months.set(
    '2025-08',
    serve(Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:446d\nsize 61234\n')),
  );
  months.set('2025-09', serve(text!));
  for (const month of ['2025-07', '2025-08', '2025-09'])
    await askJson(['run', 'trips', '--partition', month, '--wait']);
  expect(await askJson(['quarantine', 'list', 'trips', '--files'])).toMatchObject({
    what: 'files',
    total: 3,
    groups: [{ asset: 'trips/events', reason: 'parquet', count: 3, partitions: 3 }],
    records: [
      {
        partition: '2025-07',
        sourceKey: '/yellow_tripdata_2025-07.parquet',
        detail: 'it does not end as Parquet does: it is cut short',
      },
      { partition: '2025-08', detail: 'it is a git-lfs pointer' },
      { partition: '2025-09', detail: 'its column "fare_amount" is VARCHAR, which is no number' },
    ],
  });

  months.set('2025-07', serve(whole));
  months.set('2025-09', serve(await makeMonth('2025-09')));
  const replayed = await askJson(['quarantine', 'replay', 'trips', '--id', 'repaired', '--wait']);
  expect(replayed).toMatchObject({ progress: { state: 'done', total: 3, failed: 0 } });
  const { records } = await askJson(['quarantine', 'list', 'trips', '--files']);
  expect(records).toMatchObject([{ partition: '2025-08', detail: 'it is a git-lfs pointer' }]);
  const days = await readDays();
  expect(days).toContainEqual(day('2025-07'));
  expect(days).toContainEqual(day('2025-09'));
});

test('what cannot be right is counted by checks that warn, and is said', async () => {
  const strange = [
    {},
    { fare_amount: '-10.5::double' },
    { trip_distance: '260000::double' },
    { tpep_dropoff_datetime: "timestamp '2025-10-03 09:00:00'" },
  ];
  months.set('2025-10', serve(await makeMonth('2025-10', strange)));
  await askJson(['run', 'trips', '--partition', '2025-10', '--wait']);
  const { checks } = await askJson([
    'checks',
    'trips/daily_summary',
    '--failed',
    '--from',
    '2025-10',
    '--to',
    '2025-11',
  ]);
  expect(checks).toMatchObject(
    ['dropoffs_before_pickup', 'impossible_distances', 'negative_fares'].map((name) => ({
      partition: '2025-10',
      name,
    })),
  );
  expect((await ask('checks', 'trips/daily_summary', '--failed')).stdout).toContain('negative_fares');
});

test('a redirect to another host ends the run with that reason, and what was published stays', async () => {
  months.set(
    '2025-02',
    (_, response) => void response.writeHead(302, { location: 'http://elsewhere.example/other.parquet' }).end(),
  );
  const { code, stderr } = await ask('run', 'trips', '--partition', '2025-02', '--wait');
  expect(code).not.toBe(0);
  expect(stderr).toContain('it redirects to another host, http://elsewhere.example');
  expect(await readDays()).toContainEqual(day('2025-02'));
});

test('half a body as a whole one makes nothing, and the month is made when it is put right', async () => {
  const body = await makeMonth('2025-02', [{}, {}]);
  const etag = `"${createHash('md5').update(body).digest('hex')}"`;
  const listedAgain = meeting(2);
  months.set('2025-02', ({ method }, response) => {
    const given = method === 'HEAD' ? body : body.subarray(0, 300);
    response.writeHead(200, { etag, 'content-length': given.length });
    response.end(method === 'HEAD' ? undefined : given);
    if (method === 'GET') void listedAgain();
  });
  await askJson(['run', 'trips', '--partition', '2025-02']);
  await listedAgain.all;
  expect(await readDays()).toContainEqual(day('2025-02'));
  months.set('2025-02', serve(body));
  // It joins the run that is open, and says so.
  expect((await ask('run', 'trips', '--partition', '2025-02', '--wait')).code).toBe(0);
  expect(await readDays()).toContainEqual(day('2025-02', 2));
});

/** Comes about for all when so many have come. */
function meeting(size: number): { (): Promise<void>; readonly all: Promise<void> } {
  let come = 0;
  let open: () => void = () => undefined;
  const all = new Promise<void>((resolve) => (open = resolve));
  const join = () => {
    come += 1;
    if (come === size) open();
    return all;
  };
  return Object.assign(join, { all });
}
