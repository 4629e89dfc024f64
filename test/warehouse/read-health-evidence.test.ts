import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildGraph, nodeOf } from '../../model/graph.ts';
import { describeHealth } from '../../model/health.ts';
import type { Health } from '../../model/health.ts';
import { MIGRATIONS_FOLDER, migrateUp } from '../../warehouse/migrate.ts';
import { openWarehouse } from '../../warehouse/open-warehouse.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { readHealthEvidence } from '../../warehouse/read-health-evidence.ts';
import { assetKey, pipelineName, pipelineSpec, utc } from '../model/specs.ts';
import { createDatabase } from '../support/services.ts';

const ASSET = 'fleet/car';
const graph = buildGraph([pipelineSpec('fleet', ['car'])], []);
const promise = { promiseMs: 1_200_000, from: utc('2019-06-02T08:00:00Z') };

let warehouse: Warehouse;
beforeAll(async () => {
  warehouse = openWarehouse({ url: await createDatabase(), maxConnections: 4, applicationName: 'test' });
  await migrateUp(warehouse, MIGRATIONS_FOLDER);
});
afterAll(() => warehouse.close());

async function healthAt(now: string): Promise<Health> {
  const question = { node: nodeOf(graph, assetKey(ASSET)), maker: pipelineName('fleet'), promise, now: utc(now) };
  return describeHealth(await readHealthEvidence(warehouse.sql, question));
}

async function make(hour: string, loadId: number): Promise<void> {
  await warehouse.sql`
    insert into hourloom.materialization (
      asset, pipeline, partition, load_id, input_digest, code_version, row_count, counts, visible, published_at
    )
    values (
      ${ASSET}, 'fleet', ${new Date(utc(hour))}, ${loadId}, sha256('a'), sha256('b'), 1, '{}', true,
      ${new Date(utc(hour) + 4_000_000)}
    )
  `;
}

test('before anything is due the health is unknown; what is promised and not there is late', async () => {
  expect((await healthAt('2019-06-02T09:19:59Z')).state).toBe('unknown');
  expect(await healthAt('2019-06-02T09:20:00Z')).toEqual({
    state: 'failing',
    why: '2019-06-02T08 is late: promised, and not there.',
    partition: '2019-06-02T08',
  });
});

test('it is healthy when all that is due is there, and late again where a later one leaves a gap', async () => {
  await make('2019-06-02T08:00:00Z', 1);
  expect(await healthAt('2019-06-02T09:20:00Z')).toEqual({
    state: 'healthy',
    why: '2019-06-02T08 is there since 2019-06-02T09:06:40Z, and nothing promised is late.',
    partition: '2019-06-02T08',
  });
  await make('2019-06-02T10:00:00Z', 2);
  expect((await healthAt('2019-06-02T11:20:00Z')).why).toBe('2019-06-02T09 is late: promised, and not there.');
  await make('2019-06-02T09:00:00Z', 3);
  expect((await healthAt('2019-06-02T11:20:00Z')).state).toBe('healthy');
});

test('the checks of the newest load of the newest partition count, and no others', async () => {
  const check = (partition: string, load: number, name: string, passed: boolean) => warehouse.sql`
    insert into hourloom.check_result (asset, partition, load_id, name, blocking, passed, detail, checked_at)
    values (${ASSET}, ${new Date(utc(partition))}, ${load}, ${name}, false, ${passed}, '3 rows', now())
  `;
  await check('2019-06-02T09:00:00Z', 9, 'older', false);
  await check('2019-06-02T10:00:00Z', 2, 'before', false);
  await check('2019-06-02T10:00:00Z', 10, 'passed', true);
  expect((await healthAt('2019-06-02T11:20:00Z')).state).toBe('healthy');
  // What an older load was refused for is over when a newer one is there.
  await check('2019-06-02T11:00:00Z', 4, 'refused', false);
  await make('2019-06-02T11:00:00Z', 5);
  expect((await healthAt('2019-06-02T11:20:00Z')).state).toBe('healthy');
  await warehouse.sql`delete from hourloom.check_result where partition = '2019-06-02T11:00Z'`;
  await warehouse.sql`delete from hourloom.materialization where partition = '2019-06-02T11:00Z'`;
  await check('2019-06-02T10:00:00Z', 10, 'row_count', false);
  expect(await healthAt('2019-06-02T11:20:00Z')).toEqual({
    state: 'warning',
    why: 'The check row_count of 2019-06-02T10 did not hold: 3 rows.',
    partition: '2019-06-02T10',
  });
});

test('a failed run of the newest partition is failing, and of one before it is not', async () => {
  const fail = (partition: string) => warehouse.sql`
    insert into hourloom.last_failure (pipeline, partition, reason, retryable, failed_at, attempts)
    values ('fleet', ${new Date(utc(partition))}, 'It fell.', false, now(), 1)
  `;
  await fail('2019-06-02T08:00:00Z');
  expect((await healthAt('2019-06-02T11:20:00Z')).state).toBe('warning');
  await fail('2019-06-02T11:00:00Z');
  expect(await healthAt('2019-06-02T11:20:00Z')).toMatchObject({
    state: 'failing',
    why: 'The last run of 2019-06-02T11 failed: It fell.',
  });
});
