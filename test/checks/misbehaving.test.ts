import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { runBlockingChecks } from '../../activities/checks/run-blocking-checks.ts';
import { runWarningChecks } from '../../activities/checks/run-warning-checks.ts';
import type { CheckedLoad } from '../../activities/checks/checked-load.ts';
import type { CheckSpec } from '../../model/check-spec.ts';
import type { CheckFunction } from '../../record/check-function.ts';
import { claimFence } from '../../warehouse/claim-fence.ts';
import { publish } from '../../warehouse/publish.ts';
import { readCheckResults } from '../../warehouse/read-check-results.ts';
import { WarehouseUnreachableError } from '../../warehouse/reach-warehouse.ts';
import { CAR, HOUR, createWarehouse, makeRows, publicationOf } from '../warehouse/fixtures.ts';
import type { TestWarehouse } from '../warehouse/fixtures.ts';

const WINDOW = { start: HOUR.start, end: HOUR.start + 3_600_000 };
const FUNCTION = { kind: 'function', version: 1 } as const;

let warehouse: TestWarehouse;
beforeAll(async () => {
  warehouse = await createWarehouse();
});
afterAll(() => warehouse.close());
beforeEach(async () => {
  await warehouse.sql`
    truncate fleet.car, hourloom.fence, hourloom.materialization, hourloom.last_failure, hourloom.check_result
  `;
});

interface Given {
  readonly checks?: readonly CheckSpec[];
  readonly run?: CheckFunction;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A load of 2,500 cars, about to be published. */
async function makeLoad({ checks, run, timeoutMs = 5_000, signal = new AbortController().signal }: Given) {
  const loadId = await claimFence(warehouse, HOUR);
  const load: CheckedLoad = {
    partition: HOUR,
    loadId,
    window: WINDOW,
    tables: [{ ...CAR, checks: checks ?? [{ name: 'own', blocking: false, rule: FUNCTION }] }],
    functions: new Map(run ? [[CAR.asset, { own: run }]] : []),
    now: WINDOW.end + 60_000,
    bounds: { timeoutMs, signal },
  };
  return { load, publication: publicationOf(loadId, makeRows('car', 2_500)) };
}

/** What a function, or other checks, say of a published load as warnings. */
async function warn(given: Given) {
  const { load, publication } = await makeLoad(given);
  const { ledger } = await publish(warehouse, publication);
  await runWarningChecks(warehouse, load, ledger, []);
  const results = await readCheckResults(warehouse.sql, { asset: CAR.asset, limit: 10 });
  return results.map(({ name, passed, value, detail }) => ({ name, passed, value, detail }));
}

const countSessions = async () =>
  (
    await warehouse.sql<[{ count: number }]>`
      select count(*) as count from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'
    `
  )[0].count;

test('a function reads every row once, by key, in pages', async () => {
  const seen: unknown[] = [];
  const run: CheckFunction = async ({ rows, window }) => {
    expect(window).toEqual(WINDOW);
    for await (const row of rows) seen.push(row['id']);
    return { passed: true, value: seen.length };
  };
  expect(await warn({ run })).toEqual([{ name: 'own', passed: true, value: 2_500, detail: 'it passed' }]);
  expect(seen).toEqual(
    makeRows('car', 2_500)
      .map(({ id }) => id)
      .sort(),
  );
});

test('a function that hangs has failed when its time is over', async () => {
  let stopped: AbortSignal | undefined;
  const run: CheckFunction = ({ signal }) => {
    stopped = signal;
    return new Promise(() => undefined);
  };
  expect(await warn({ run, timeoutMs: 200 })).toEqual([
    { name: 'own', passed: false, value: null, detail: 'it was not done within 0.2 s' },
  ]);
  expect(stopped?.aborted).toBe(true);
  expect(await countSessions()).toBe(0);
});

test('a function that goes on reading when its time is over reaches nothing', async () => {
  const said: { later?: (error: unknown) => void } = {};
  const later = new Promise<unknown>((resolve) => (said.later = resolve));
  const run: CheckFunction = async ({ rows, signal }) => {
    const reading = rows[Symbol.asyncIterator]();
    await reading.next();
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    for (let row = 1; row < 1_000; row += 1) await reading.next();
    said.later?.(await reading.next().catch((error: unknown) => error));
    return { passed: true };
  };
  expect(await warn({ run, timeoutMs: 300 })).toMatchObject([
    { passed: false, detail: 'it was not done within 0.3 s' },
  ]);
  expect(await later).toMatchObject({ name: 'TimeoutError' });
});

test('a function may stop reading early, and others read after it', async () => {
  const checks = ['own', 'other'].map((name) => ({ name, blocking: true, rule: FUNCTION }));
  const run: CheckFunction = async ({ rows }) => {
    for await (const _ of rows) return { passed: true };
    return { passed: false };
  };
  const { load, publication } = await makeLoad({ checks });
  const both = { ...load, functions: new Map([[CAR.asset, { own: run, other: run }]]) };
  await publish(warehouse, { ...publication, check: (tx, ledger) => runBlockingChecks(tx, both, ledger) });
  const results = await readCheckResults(warehouse.sql, { asset: CAR.asset, limit: 10 });
  expect(results.map(({ name, passed, visible }) => ({ name, passed, visible }))).toEqual([
    { name: 'other', passed: true, visible: true },
    { name: 'own', passed: true, visible: true },
  ]);
});

test.each([
  ['throws', () => Promise.reject(new RangeError('too far')), 'it threw RangeError: too far'],
  ['says nothing', () => undefined, 'it did not say whether it passed; return { passed: true } or false'],
  ['is not there', undefined, 'this worker does not have its function; deploy its definition'],
])('a function that %s has failed', async (_, run, detail) => {
  const given = run ? { run: run as unknown as CheckFunction } : {};
  expect(await warn(given)).toEqual([{ name: 'own', passed: false, value: null, detail }]);
});

const statement = (text: string, rest: string): CheckSpec['rule'] => ({
  kind: 'sql',
  statement: [{ kind: 'text', text }, { kind: 'rows' }, { kind: 'text', text: rest }],
});

test('a statement that takes too long, or is refused, has failed, and the checks beside it are asked', async () => {
  const checks: readonly CheckSpec[] = [
    { name: 'refused', blocking: false, rule: statement('select no_such_column from ', '') },
    { name: 'slow', blocking: false, rule: statement('select pg_sleep(20) from ', ' limit 1') },
    { name: 'two', blocking: false, rule: statement('select 1 from ', '; drop table fleet.car') },
    { name: 'unique(id)', blocking: false, rule: { kind: 'unique', columns: ['id'] } },
  ];
  expect(await warn({ checks, timeoutMs: 300 })).toEqual([
    {
      name: 'refused',
      passed: false,
      value: null,
      detail: 'Postgres refuses it: column "no_such_column" does not exist',
    },
    { name: 'slow', passed: false, value: null, detail: 'it was not done within 0.3 s' },
    { name: 'two', passed: false, value: null, detail: expect.stringContaining('Postgres refuses it') as string },
    { name: 'unique(id)', passed: true, value: 0, detail: 'no row repeats "id"' },
  ]);
});

test('a blocking statement that is refused stops the publication with what was asked before it', async () => {
  const checks: readonly CheckSpec[] = [
    { name: 'refused', blocking: true, rule: statement('select 1 / (seats - seats) from ', '') },
    { name: 'row_count', blocking: true, rule: { kind: 'row_count', min: 1 } },
  ];
  const { load, publication } = await makeLoad({ checks });
  const published = publish(warehouse, { ...publication, check: (tx, ledger) => runBlockingChecks(tx, load, ledger) });
  await expect(published).rejects.toMatchObject({
    name: 'CheckFailedError',
    results: [
      { name: 'row_count', passed: true },
      { name: 'refused', passed: false, detail: 'Postgres refuses it: division by zero' },
    ],
  });
  expect(await warehouse.sql`select count(*) from fleet.car`).toEqual([{ count: 0 }]);
});

test('an attempt that is repeated after it had published asks its warnings again', async () => {
  const rowCount: CheckSpec = { name: 'row_count', blocking: false, rule: { kind: 'row_count', max: 10 } };
  const { load, publication } = await makeLoad({ checks: [rowCount] });
  await publish(warehouse, publication);
  const { outcome, ledger } = await publish(warehouse, publication);
  expect(outcome).toBe('already');
  const failed = { asset: CAR.asset, name: 'row_count', blocking: false, passed: false, value: 2_500 };
  expect(await runWarningChecks(warehouse, load, ledger, [])).toMatchObject([failed]);
  expect(await runWarningChecks(warehouse, load, ledger, [])).toMatchObject([failed]);
  expect(await readCheckResults(warehouse.sql, { asset: CAR.asset, limit: 10 })).toMatchObject([failed]);
});

test('events of a window that is not over are as old as they are by now', async () => {
  const rule = { kind: 'event_time', column: 'at', withinMs: 60_000 } as const;
  const { load, publication } = await makeLoad({ checks: [{ name: 'event_time(at)', blocking: false, rule }] });
  const { ledger } = await publish(warehouse, publication);
  const at = Date.parse('2019-06-01T18:17:03.087Z');
  const ask = (now: number) => runWarningChecks(warehouse, { ...load, now }, ledger, []);
  expect(await ask(at + 60_000)).toEqual([]);
  expect(await ask(at + 90_000)).toMatchObject([
    {
      value: 90,
      detail: 'the newest is of 2019-06-01T18:17:03.087Z, 90 s before it was made; at most 60 s allowed',
    },
  ]);
});

test('a lost connection says nothing of a check, and is thrown', async () => {
  const run: CheckFunction = async ({ rows }) => {
    const reading = rows[Symbol.asyncIterator]();
    await reading.next();
    await warehouse.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and state = 'idle in transaction'
    `;
    while (!(await reading.next()).done);
    return { passed: true };
  };
  const { load, publication } = await makeLoad({ run });
  const { ledger } = await publish(warehouse, publication);
  await expect(runWarningChecks(warehouse, load, ledger, [])).rejects.toThrow(WarehouseUnreachableError);
  expect(await readCheckResults(warehouse.sql, { limit: 10 })).toEqual([]);
});

test('nothing is kept of a load that another one has replaced meanwhile', async () => {
  const run: CheckFunction = async () => {
    const { publication } = await makeLoad({ checks: [] });
    await publish(warehouse, publication);
    return { passed: false };
  };
  expect(await warn({ run })).toEqual([]);
});

test('fields that the contract does not know are a warning, and without them nothing is sent', async () => {
  const { load, publication } = await makeLoad({ checks: [] });
  const { ledger } = await publish(warehouse, publication);
  const drift = [
    { table: 'car', field: 'engine.hp', records: 12 },
    { table: 'car', field: 'colour', records: 3 },
    { table: 'trip', field: 'km', records: 1 },
  ];
  expect(await runWarningChecks(warehouse, load, ledger, drift)).toEqual([
    {
      ...{ asset: CAR.asset, name: 'new_fields', blocking: false, passed: false, value: 2 },
      detail: 'the contract does not know these fields, with how many records have each: engine.hp (12), colour (3)',
    },
  ]);
  expect(await readCheckResults(warehouse.sql, { failed: true, limit: 10 })).toMatchObject([{ name: 'new_fields' }]);
  const closed = { ...warehouse, sql: undefined as never };
  expect(await runWarningChecks(closed, load, ledger, [])).toEqual([]);
});
