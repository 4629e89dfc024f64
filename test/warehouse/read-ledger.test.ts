import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { claimFence } from '../../warehouse/claim-fence.ts';
import { listFailures } from '../../warehouse/list-failures.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { publish } from '../../warehouse/publish.ts';
import { readVisible } from '../../warehouse/read-ledger.ts';
import { recordFailure } from '../../warehouse/record-failure.ts';
import { summarizeLedger } from '../../warehouse/summarize-ledger.ts';
import { CAR, EVENTS, HOUR, copyOf, createWarehouse, entryOf, makeRows } from './fixtures.ts';

const HOUR_MS = 3_600_000;

let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createWarehouse();
});
afterAll(() => warehouse.close());
beforeEach(async () => {
  await warehouse.sql`truncate fleet.car, hourloom.materialization, hourloom.last_failure`;
});

async function publishHour(hour: number, cars: number): Promise<void> {
  const partition = { ...HOUR, start: HOUR.start + hour * HOUR_MS };
  const fence = await claimFence(warehouse, partition);
  const counts = { listed: cars, loaded: cars, lines: cars + 1, good: cars, quarantined: 1 };
  await publish(warehouse, {
    partition,
    fence,
    copies: [copyOf(CAR, makeRows(`${hour}`, cars))],
    ledger: [{ ...entryOf(EVENTS, 0), counts, objectKey: 'raw/1.jsonl.gz' }, entryOf(CAR.asset, cars)],
  });
}

test('a partition that was never made has nothing visible', async () => {
  expect(await readVisible(warehouse.sql, HOUR)).toEqual([]);
});

test('the summary counts partitions, empty ones, rows and what is held back, of what is visible', async () => {
  await publishHour(0, 3);
  await publishHour(0, 2);
  await publishHour(5, 0);
  await publishHour(2, 1);
  const newest = HOUR.start + 5 * HOUR_MS;
  expect(await summarizeLedger(warehouse.sql)).toEqual([
    { asset: CAR.asset, made: 3, empty: 1, rows: 3, quarantined: 0, ruledOut: 0, newest },
    { asset: EVENTS, made: 3, empty: 1, rows: 0, quarantined: 3, ruledOut: 0, newest },
  ]);
});

test('the ledger refuses a second visible materialization of one partition', async () => {
  await publishHour(0, 1);
  await expect(warehouse.sql`
    insert into hourloom.materialization
    select load_id + 1000, pipeline, asset, partition, input_digest, code_version, row_count, counts, object_key, visible, published_at
    from hourloom.materialization
  `).rejects.toMatchObject({ code: '23505', constraint_name: 'materialization_one_visible' });
});

test('a row of the ledger is under one kilobyte, whatever it says', async () => {
  const fence = await claimFence(warehouse, HOUR);
  const counts = {
    listed: 1,
    loaded: 1,
    rejected: 1,
    skipped: 1,
    empty: 1,
    lines: 1,
    good: 1,
    duplicate: 1,
    quarantined: 1,
    bytes: 1,
  };
  const most = Object.fromEntries(Object.keys(counts).map((name) => [name, Number.MAX_SAFE_INTEGER]));
  const entry = { ...entryOf(EVENTS, 0), counts: most, objectKey: 'k'.repeat(256) };
  await publish(warehouse, { partition: HOUR, fence, copies: [], ledger: [entry] });
  const [size] = await warehouse.sql<
    { bytes: number }[]
  >`select pg_column_size(made.*) as bytes from hourloom.materialization as made`;
  expect(size?.bytes).toBeLessThan(1024);
  expect(await readVisible(warehouse.sql, HOUR)).toMatchObject([{ counts: most }]);
});

test('failures are listed latest first, one for each partition, up to a limit', async () => {
  const next = { ...HOUR, start: HOUR.start + HOUR_MS };
  await recordFailure(warehouse, HOUR, { reason: 'the bucket was gone', retryable: true });
  await recordFailure(warehouse, next, { reason: 'the contract broke', retryable: false });
  await recordFailure(warehouse, HOUR, { reason: 'the bucket was still gone', retryable: true });
  expect(await listFailures(warehouse.sql, { limit: 10 })).toEqual([
    {
      partition: HOUR,
      reason: 'the bucket was still gone',
      retryable: true,
      failedAt: expect.any(Number),
      attempts: 2,
    },
    { partition: next, reason: 'the contract broke', retryable: false, failedAt: expect.any(Number), attempts: 1 },
  ]);
  expect(await listFailures(warehouse.sql, { limit: 1 })).toHaveLength(1);
});

test('a reason that Postgres could not hold is made storable', async () => {
  await recordFailure(warehouse, HOUR, {
    reason: `NUL \0 and half a pair \ud83d ${'x'.repeat(3_000)}`,
    retryable: true,
  });
  const [failure] = await listFailures(warehouse.sql, { limit: 1 });
  expect(failure?.reason).toBe(`NUL \ufffd and half a pair \ufffd ${'x'.repeat(3_000)}`.slice(0, 2_000));
  await recordFailure(warehouse, HOUR, { reason: '', retryable: true });
  expect(await listFailures(warehouse.sql, { limit: 1 })).toMatchObject([{ reason: 'No reason was given.' }]);
});
