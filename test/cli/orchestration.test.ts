import { expect, test, vi } from 'vitest';
import { expectRefusal, HOUR, hourFolder } from './hourloom.ts';
import { useMachine } from './use-machine.ts';

// A whole machine starts here, and backfills run; on a busy computer each takes its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const { folder, ask, askJson } = useMachine();

const DAY = ['--from', '2019-06-01T18', '--to', '2019-06-02T00'];
const SIX = { from: '2019-06-01T18', to: '2019-06-02T00', count: 6 };
const NONE = { missing: 0, empty: 0, fresh: 0, stale: 0, waiting: 0, running: 0, failed: 0, late: 0, quarantined: 0 };

test('a plan gives a reason for every window, those alike as one', async () => {
  await askJson(['feed', 'door2door', await hourFolder(folder())]);
  await askJson(['run', 'door2door', '--hour', '2019-06-01T18', '--wait']);
  expect(await askJson(['backfill', 'plan', 'door2door', ...DAY])).toEqual({
    pipeline: 'door2door',
    total: 5,
    windows: [
      {
        from: '2019-06-01T19',
        to: '2019-06-02T00',
        count: 5,
        reason: 'missing',
        why: 'Never made.',
        fromTransform: false,
      },
    ],
    derived: [
      { asset: 'door2door/distance_per_period', windows: null, count: 1 },
      {
        asset: 'door2door/vehicle_location_update',
        windows: [{ from: '2019-06-01', to: '2019-06-02', count: 1 }],
        count: 1,
      },
    ],
    lacking: [],
    taken: [],
  });
  const { stdout } = await ask('backfill', 'plan', 'door2door', ...DAY);
  expect(stdout).toContain('2019-06-01T19 … 2019-06-01T23 (5)  Never made.\n');
});

test('a dry run is the plan, and asks for nothing', async () => {
  const plan = await askJson(['backfill', 'plan', 'door2door', ...DAY]);
  expect(await askJson(['backfill', 'start', 'door2door', ...DAY, '--dry-run'])).toEqual(plan);
  expect(await askJson(['backfill', 'list'])).toEqual({ backfills: [] });
});

test('start --wait carries out the plan and ends when hours and derived partitions have ended', async () => {
  const plan = await askJson(['backfill', 'plan', 'door2door', ...DAY]);
  expect(await askJson(['backfill', 'start', 'door2door', ...DAY, '--id', 'first', '--wait'])).toMatchObject({
    id: 'first',
    state: 'asked',
    plan,
    progress: {
      state: 'done',
      total: 5,
      done: 5,
      made: 5,
      unchanged: 0,
      failed: 0,
      failures: [],
      derived: { total: 2, done: 2, failed: 0 },
    },
  });
  const { stdout } = await ask('backfill', 'plan', 'door2door', ...DAY);
  expect(stdout).toBe('Nothing to make: no window of the range is missing.\n');
  expect(await askJson(['backfill', 'start', 'door2door', ...DAY])).toMatchObject({ id: null, state: 'nothing' });
});

test('asking twice by one id is asking once', async () => {
  const noted = 'A backfill first was asked for before. It counts once; for another, choose another --id.\n';
  const again = ['backfill', 'start', 'door2door', ...DAY, '--only', 'all', '--id', 'first', '--wait'];
  expect(await askJson(again, noted)).toMatchObject({ id: 'first', state: 'already', plan: null });
  expect(await askJson(['backfill', 'list'])).toMatchObject({
    backfills: [{ id: 'first', pipeline: 'door2door', state: 'done', total: 5 }],
  });
});

test('a backfill of one asset is one of its whole pipeline, and says so', async () => {
  const noted = 'door2door/events is made with the other assets of door2door, window by window.\n';
  expect(await askJson(['backfill', 'plan', 'door2door/events', ...DAY], noted)).toMatchObject({ total: 0 });
});

test('status counts the states of a selection and folds windows that are alike', async () => {
  const { assets } = await askJson(['status', 'door2door/events+', '--from', '2019-06-01', '--to', '2019-06-02T00']);
  const ranges = [
    { state: 'fresh', from: '2019-06-01T18', to: '2019-06-01T19', count: 1 },
    { state: 'empty', from: '2019-06-01T19', to: '2019-06-02T00', count: 5 },
  ];
  const shared = { more: 0, checks: [], failures: [], meta: {} };
  const hours = { window: 'hour', range: SIX, counts: { ...NONE, empty: 5, fresh: 1, idle: 6 }, ranges, ...shared };
  const one = { ...NONE, fresh: 1, idle: 1 };
  const day = { from: '2019-06-01', to: '2019-06-02', count: 1 };
  expect(assets).toEqual([
    {
      asset: 'door2door/distance_per_period',
      window: null,
      range: null,
      counts: one,
      ranges: [{ state: 'fresh', count: 1 }],
      ...shared,
    },
    { asset: 'door2door/events', ...hours },
    { asset: 'door2door/operating_periods', ...hours },
    { asset: 'door2door/vehicle_location', ...hours },
    {
      asset: 'door2door/vehicle_location_update',
      window: 'day',
      range: day,
      counts: one,
      ranges: [{ state: 'fresh', ...day }],
      ...shared,
    },
  ]);
  const filtered = await askJson(['status', 'door2door/events state:empty', '--to', '2019-06-02']);
  expect(filtered).toMatchObject({ assets: [{ asset: 'door2door/events', ranges: [ranges[1]] }] });
  expect(await askJson(['status', 'state:stale', '--to', '2019-06-02'])).toEqual({ assets: [] });
});

test('status of everything names derived assets too', async () => {
  const { assets } = (await askJson(['status'])) as { assets: readonly Record<string, unknown>[] };
  const listed = assets.map(({ asset, made, newest }) => [asset, made, newest]);
  expect(new Set(listed)).toEqual(
    new Set([
      ['door2door/events', 6, '2019-06-01T23'],
      ['door2door/vehicle_location', 6, '2019-06-01T23'],
      ['door2door/operating_periods', 6, '2019-06-01T23'],
      ['door2door/distance_per_period', 1, 'whole'],
      ['door2door/vehicle_location_update', 1, '2019-06-01'],
    ]),
  );
});

test('why explains what is made, and of what is not made why not', async () => {
  expect(await askJson(['why', 'door2door/vehicle_location', '2019-06-01T18'])).toMatchObject({
    partition: '2019-06-01T18',
    workflowId: 'hour/door2door-2019-06-01T18:00:00Z',
    data: 'fresh',
    attempt: 'idle',
    marks: [],
    why: { attempt: 'Nothing is to be done.' },
    made: { rows: HOUR.vehicles },
    inputs: null,
  });
  expect(await askJson(['why', 'door2door/vehicle_location', '2019-06-02T00'])).toMatchObject({
    data: 'missing',
    attempt: 'idle',
    why: { data: 'Never made.', attempt: expect.stringContaining('start a backfill to have it made.') as string },
    made: null,
  });
  expect(await askJson(['why', 'door2door/vehicle_location_update', '2019-06-01'])).toMatchObject({
    workflowId: 'derive/door2door/vehicle_location_update-2019-06-01T00:00:00Z',
    data: 'fresh',
    // The first day begins at 18:00.
    inputs: { made: 6, expected: 6 },
  });
  expect(await askJson(['why', 'door2door/distance_per_period'])).toMatchObject({ partition: 'whole', data: 'fresh' });
});

test('wipe says what would go, and takes it only with --yes; what was made of it is stale', async () => {
  const hour = ['door2door/vehicle_location', '--from', '2019-06-01T18', '--to', '2019-06-01T19'];
  expectRefusal(
    await ask('wipe', ...hour),
    2,
    'This would take 1 partition of door2door/vehicle_location out of the warehouse: 2019-06-01T18. Write --yes if that is meant.',
  );
  expect(await askJson(['wipe', ...hour, '--yes'])).toEqual({
    asset: 'door2door/vehicle_location',
    partitions: 1,
    rows: HOUR.vehicles,
    wiped: [{ partition: '2019-06-01T18', rows: HOUR.vehicles }],
  });
  const counted = await askJson(['query', 'select count(*) as rows from door2door.vehicle_location']);
  expect(counted['rows']).toEqual([{ rows: 0 }]);
  expect(await askJson(['why', 'door2door/vehicle_location', '2019-06-01T18'])).toMatchObject({
    data: 'missing',
    why: { data: expect.stringMatching(/^Taken out of the warehouse since it was made at .*Z\.$/u) as string },
  });
  expect(await askJson(['why', 'door2door/vehicle_location_update', '2019-06-01'])).toMatchObject({ data: 'stale' });
  expect(await askJson(['status', 'state:stale', '--to', '2019-06-02'])).toMatchObject({
    assets: [
      { asset: 'door2door/distance_per_period', counts: { stale: 1 } },
      { asset: 'door2door/vehicle_location_update', counts: { stale: 1 } },
    ],
  });
});

test('a backfill brings back what was wiped from the lake, without the source', async () => {
  const { windows } = await askJson(['backfill', 'plan', 'door2door', ...DAY]);
  expect(windows).toEqual([
    {
      from: '2019-06-01T18',
      to: '2019-06-01T19',
      count: 1,
      reason: 'missing',
      why: 'Never made: door2door/vehicle_location.',
      fromTransform: true,
    },
  ]);
  const { code, stdout } = await ask('backfill', 'start', 'door2door', ...DAY, '--wait', '--id', 'second');
  expect(code).toBe(0);
  expect(stdout.split('\n').map((line) => line.trim().split(/ {2,}/u))).toEqual([
    ['second: done'],
    [''],
    ['planned', 'done', 'made', 'unchanged', 'failed'],
    ['windows', '1', '1', '1', '0', '0'],
    ['derived', '2', '2', '2', '0', '0'],
    [''],
  ]);
  expect(await askJson(['why', 'door2door/vehicle_location_update', '2019-06-01'])).toMatchObject({ data: 'fresh' });
});

test('a derived asset is backfilled like a pipeline, its partitions with their reasons', async () => {
  const update = 'door2door/vehicle_location_update';
  const plan = await askJson(['backfill', 'plan', update, '--to', '2019-06-03', '--only', 'all']);
  const day = { from: '2019-06-01', to: '2019-06-02', count: 1 };
  const why = 'Asked for; nothing is known to have changed.';
  expect(plan).toEqual({
    pipeline: update,
    total: 1,
    windows: [{ ...day, reason: 'asked', why, fromTransform: false }],
    derived: [],
    lacking: [{ from: '2019-06-02', to: '2019-06-03', count: 1 }],
    taken: [],
  });
  const { stdout } = await ask('backfill', 'plan', update, '--to', '2019-06-03', '--only', 'all');
  expect(stdout).toContain(
    'Left out, as what it is made of is not there yet: 2019-06-02. Backfill the pipeline that it reads first.\n',
  );
  const whole = ['backfill', 'start', 'door2door/distance_per_period', '--only', 'all', '--id', 'whole', '--wait'];
  expect(await askJson(whole)).toMatchObject({
    plan: { windows: [{ from: 'whole', to: 'whole', count: 1, reason: 'asked' }] },
    progress: { state: 'done', total: 1, made: 1, derived: { total: 0 } },
  });
  expect(await askJson(['backfill', 'show', 'whole'])).toMatchObject({
    pipeline: 'door2door/distance_per_period',
    windows: [{ from: 'whole', to: 'whole', count: 1 }],
  });
});

test('run computes one partition of a derived asset', async () => {
  const update = 'door2door/vehicle_location_update';
  const started = {
    pipeline: update,
    partition: '2019-06-01',
    workflowId: `derive/${update}-2019-06-01T00:00:00Z`,
    joined: false,
  };
  const day = ['run', update, '--partition', '2019-06-01', '--wait'];
  expect(await askJson(day)).toMatchObject({ ...started, outcome: 'unchanged', inputs: 6, expected: 6 });
  expect(await askJson([...day, '--force'])).toMatchObject({ ...started, outcome: 'made', inputs: 6, expected: 6 });
  const { stdout } = await ask('run', 'door2door/distance_per_period', '--force', '--wait');
  expect(stdout).toMatch(/^derive\/door2door\/distance_per_period: made\. 2 rows, of 12 of \d+ inputs\.\n$/u);
});

test('runs are listed newest first and shown one by one', async () => {
  const { runs } = (await askJson(['runs', 'list', '--asset', 'door2door/distance_per_period'])) as {
    runs: readonly { type: string; workflowId: string; startedAt: string }[];
  };
  expect(new Set(runs.map(({ type, workflowId }) => [type, workflowId]))).toEqual(
    new Set(runs.map(() => ['derive', 'derive/door2door/distance_per_period'])),
  );
  const startedAt = runs.map((run) => run.startedAt);
  expect(startedAt.length).toBeGreaterThan(1);
  expect(startedAt).toEqual([...startedAt].sort().reverse());
  expect(await askJson(['runs', 'show', 'derive/door2door/distance_per_period'])).toMatchObject({
    state: 'completed',
    pending: [],
    failure: null,
    result: { outcome: 'made' },
  });
  expectRefusal(
    await ask('runs', 'show', 'hour/nope'),
    2,
    'Temporal has no run "hour/nope". `hourloom runs list` shows the ids there are; of older runs the ledger tells: hourloom why.',
  );
});
