import { expect, test, vi } from 'vitest';
import { documentOf, expectRefusal } from './hourloom.ts';
import { useMachine } from './use-machine.ts';

// A whole machine starts here, and a backfill runs; on a busy computer each takes its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const { ask, askJson } = useMachine();

const WAIT = { timeout: 60_000, interval: 250 };
const MONTHS = ['--from', '2020-01-01', '--to', '2020-03-01'];
const progressOf = async (id: string) =>
  ((await askJson(['backfill', 'show', id])) as { progress: Record<string, unknown> }).progress;

test('a backfill can be paused as soon as start has returned', async () => {
  const started = await askJson(['backfill', 'start', 'door2door', ...MONTHS, '--width', '2', '--id', 'steered']);
  expect(started).toMatchObject({ id: 'steered', state: 'asked', plan: { total: 1_440 } });
  expect(await askJson(['backfill', 'pause', 'steered'])).toEqual({ id: 'steered', asked: 'pause' });
  await vi.waitFor(async () => expect(await progressOf('steered')).toMatchObject({ state: 'paused', open: 0 }), WAIT);
});

test('a second one over the same windows takes only the others, and says what the first has', async () => {
  const args = ['backfill', 'plan', 'door2door', '--from', '2020-02-29', '--to', '2020-03-02'];
  expect(await askJson(args)).toMatchObject({
    total: 24,
    windows: [{ from: '2020-03-01T00', to: '2020-03-02T00', count: 24 }],
    taken: [{ id: 'steered', count: 24, windows: [{ from: '2020-02-29T00', to: '2020-03-01T00', count: 24 }] }],
  });
  const { stdout } = await ask(...args);
  expect(stdout).toContain(
    'The backfill steered has 24 of these windows already: 2020-02-29T00 … 2020-02-29T23. This one takes the other 24.\n',
  );
  const started = await ask('backfill', 'start', 'door2door', '--from', '2020-02-29', '--to', '2020-03-01', '--json');
  expect(started.stderr).toContain('This one takes the other 0.\n');
  expect(documentOf(started)).toMatchObject({ id: null, state: 'nothing' });
});

test('width and resume are followed', async () => {
  await askJson(['backfill', 'width', 'steered', '4']);
  await askJson(['backfill', 'resume', 'steered']);
  await vi.waitFor(async () => expect(await progressOf('steered')).toMatchObject({ state: 'running', width: 4 }), WAIT);
});

test('cancelled, the ledger has what it counts, nothing is left half made, and it cannot be steered any more', async () => {
  expect(await askJson(['backfill', 'cancel', 'steered'])).toEqual({ id: 'steered', asked: 'cancel' });
  await vi.waitFor(
    async () => expect(await askJson(['backfill', 'show', 'steered'])).toMatchObject({ state: 'cancelled' }),
    WAIT,
  );
  const { made } = (await progressOf('steered')) as { made: number };
  const asked = ['status', 'door2door/vehicle_location', '--from', '2020-01-01', '--to', '2020-03-01'];
  const { assets } = (await askJson(asked)) as { assets: readonly { counts: Record<string, number> }[] };
  expect(assets).toMatchObject([{ counts: { fresh: 0, stale: 0, running: 0, waiting: 0, failed: 0 } }]);
  // A window that was published in the moment of the cancelling is there, though its run was cancelled: four at most.
  const there = assets[0]?.counts['empty'] ?? 0;
  expect(there).toBeGreaterThanOrEqual(made);
  expect(there).toBeLessThanOrEqual(made + 4);
  expectRefusal(
    await ask('backfill', 'resume', 'steered'),
    2,
    'steered has ended (cancelled), so it cannot be steered. Start another for what is left: hourloom backfill start door2door --only missing, or failed.',
  );
});

test('one that nobody asked for is not found', async () => {
  const sentence =
    'There is no backfill "nobody", or no worker has taken the request yet. `hourloom backfill list` shows those there are.';
  expectRefusal(await ask('backfill', 'show', 'nobody'), 2, sentence);
  expectRefusal(await ask('backfill', 'pause', 'nobody'), 2, sentence);
});

test('a machine that no person started has no schedule, and that is said', async () => {
  expect(await askJson(['schedule', 'list'])).toEqual({
    schedules: [{ pipeline: 'door2door', state: 'absent', note: '', createdAt: null, next: [], erasures: null }],
  });
  expectRefusal(
    await ask('schedule', 'pause', 'door2door'),
    3,
    'door2door has no schedule yet. A worker makes it when it starts: npm start, or a worker of yours with HOURLOOM_SCHEDULES=on.',
  );
  const triggered = await askJson(['schedule', 'trigger', 'door2door']);
  expect(triggered).toMatchObject({ pipeline: 'door2door', joined: false });
  expect(await askJson(['schedule', 'trigger', 'door2door'])).toEqual({ ...triggered, joined: true });
  const present = ['run', 'door2door', '--hour', String(triggered['partition'])];
  const joined = await ask(...present, '--until', 'merge', '--json');
  expect(documentOf(joined)).toMatchObject({ workflowId: triggered['workflowId'], joined: true });
  expect(joined.stderr).toContain(
    '--until merge does not reach the run that is open: it ends as it was asked for. Run the window again when it has, or add --force to have it go once more so.\n',
  );
  expect(await askJson(['runs', 'list', '--asset', 'door2door', '--state', 'open'])).toMatchObject({
    runs: [{ workflowId: triggered['workflowId'], state: 'running' }],
  });
});
