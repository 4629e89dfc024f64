import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CountsError } from '../../model/counts.ts';
import { claimFence } from '../../warehouse/claim-fence.ts';
import { listFailures } from '../../warehouse/list-failures.ts';
import { publish } from '../../warehouse/publish.ts';
import type { Published } from '../../warehouse/publish.ts';
import { WarehouseUnreachableError } from '../../warehouse/reach-warehouse.ts';
import { readVisible } from '../../warehouse/read-ledger.ts';
import { recordFailure } from '../../warehouse/record-failure.ts';
import {
  CAR,
  EVENTS,
  HOUR,
  TRIP,
  copyOf,
  createWarehouse,
  entryOf,
  publicationOf,
  readCars,
  stage,
  stageQuarantine,
} from './fixtures.ts';
import type { TestWarehouse } from './fixtures.ts';

let warehouse: TestWarehouse;

beforeAll(async () => {
  warehouse = await createWarehouse();
});
afterAll(() => warehouse.close());
beforeEach(async () => {
  await warehouse.sql`
    truncate fleet.car, fleet.trip, hourloom.fence, hourloom.materialization, hourloom.quarantine, hourloom.last_failure
  `;
});

/** Claims a fence and publishes these rows of the table `car` under it. */
async function publishCars(ids: readonly string[]): Promise<Published> {
  const fence = await claimFence(warehouse, HOUR);
  return publish(
    warehouse,
    publicationOf(
      fence,
      ids.map((id) => ({ id })),
    ),
  );
}

async function countQuarantine(): Promise<readonly unknown[]> {
  return warehouse.sql`select load_id, count(*) as lines from hourloom.quarantine group by load_id order by load_id`;
}

describe('publishing', () => {
  test('makes rows, quarantine and ledger visible together', async () => {
    const fence = await claimFence(warehouse, HOUR);
    const before = Date.now();
    const published = await publish(warehouse, {
      partition: HOUR,
      fence,
      copies: [copyOf(CAR, [{ id: 'a' }, { id: 'b' }]), copyOf(TRIP, [{ id: 't' }])],
      quarantine: stageQuarantine([3, 5]),
      ledger: [
        { ...entryOf(EVENTS, 0), objectKey: 'raw/fleet/1.jsonl.gz' },
        entryOf(CAR.asset, 2),
        entryOf(TRIP.asset, 1),
      ],
    });

    const ledger = [
      { ...entryOf(EVENTS, 0), objectKey: 'raw/fleet/1.jsonl.gz' },
      entryOf(CAR.asset, 2),
      entryOf(TRIP.asset, 1),
    ];
    expect(published).toEqual({ loadId: fence, publishedAt: expect.any(Number), ledger, outcome: 'published' });
    expect(published.publishedAt).toBeGreaterThanOrEqual(before - 1);
    expect(await readCars(warehouse)).toEqual({ a: fence, b: fence });
    expect(await countQuarantine()).toEqual([{ load_id: fence, lines: 2 }]);
    const made = { loadId: fence, publishedAt: published.publishedAt };
    expect(await readVisible(warehouse.sql, HOUR)).toEqual([
      { ...entryOf(CAR.asset, 2), ...made },
      { ...entryOf(EVENTS, 0), ...made, objectKey: 'raw/fleet/1.jsonl.gz' },
      { ...entryOf(TRIP.asset, 1), ...made },
    ]);
  });

  test('replaces exactly the rows and quarantine of the making before and keeps its ledger row as history', async () => {
    const otherHour = { ...HOUR, start: HOUR.start + 3_600_000 };
    const other = await claimFence(warehouse, otherHour);
    await publish(
      warehouse,
      publicationOf(other, [{ id: 'other' }], { partition: otherHour, quarantine: stageQuarantine([9]) }),
    );
    const first = await claimFence(warehouse, HOUR);
    await publish(warehouse, publicationOf(first, [{ id: 'a' }, { id: 'b' }], { quarantine: stageQuarantine([1, 2]) }));
    const second = await claimFence(warehouse, HOUR);
    await publish(warehouse, publicationOf(second, [{ id: 'b' }, { id: 'c' }], { quarantine: stageQuarantine([2]) }));

    expect(await readCars(warehouse)).toEqual({ other, b: second, c: second });
    expect(await countQuarantine()).toEqual([
      { load_id: other, lines: 1 },
      { load_id: second, lines: 1 },
    ]);
    expect(
      await warehouse.sql`
      select load_id, visible from hourloom.materialization where partition = ${new Date(HOUR.start)} order by load_id
    `,
    ).toEqual([
      { load_id: first, visible: false },
      { load_id: second, visible: true },
    ]);
  });

  test('of a partition that has become empty removes its rows', async () => {
    await publishCars(['a', 'b']);
    const { loadId } = await publishCars([]);
    expect(await readCars(warehouse)).toEqual({});
    expect(await readVisible(warehouse.sql, HOUR)).toMatchObject([{ asset: CAR.asset, loadId, rowCount: 0 }]);
  });

  test('an object first and the rows later, under one fence, gives the object one ledger row with the later counts', async () => {
    const fence = await claimFence(warehouse, HOUR);
    const object = { ...entryOf(EVENTS, 0), objectKey: 'raw/fleet/1.jsonl.gz' };
    await publish(warehouse, {
      partition: HOUR,
      fence,
      copies: [],
      ledger: [{ ...object, counts: { listed: 1, loaded: 1 } }],
    });
    expect(await readVisible(warehouse.sql, HOUR)).toMatchObject([{ asset: EVENTS, counts: { listed: 1, loaded: 1 } }]);

    const counts = { listed: 1, loaded: 1, lines: 1, good: 1 };
    const load = publicationOf(fence, [{ id: 'a' }], { ledger: [{ ...object, counts }, entryOf(CAR.asset, 1)] });
    expect(await publish(warehouse, load)).toMatchObject({ outcome: 'published' });
    expect(await readVisible(warehouse.sql, HOUR)).toMatchObject([{ asset: CAR.asset }, { asset: EVENTS, counts }]);
    expect(await warehouse.sql`select count(*) as rows from hourloom.materialization`).toEqual([{ rows: 2 }]);
  });

  test('an object again keeps rows and quarantine of the load before until the new rows come', async () => {
    const first = await claimFence(warehouse, HOUR);
    const ledger = [{ ...entryOf(EVENTS, 0), objectKey: 'raw/fleet/1.jsonl.gz' }, entryOf(CAR.asset, 1)];
    await publish(warehouse, publicationOf(first, [{ id: 'a' }], { ledger, quarantine: stageQuarantine([1]) }));
    const second = await claimFence(warehouse, HOUR);
    const object = { ...entryOf(EVENTS, 0, 'new input'), objectKey: 'raw/fleet/2.jsonl.gz' };
    await publish(warehouse, { partition: HOUR, fence: second, copies: [], ledger: [object] });

    expect(await readCars(warehouse)).toEqual({ a: first });
    expect(await countQuarantine()).toEqual([{ load_id: first, lines: 1 }]);
    expect(await readVisible(warehouse.sql, HOUR)).toMatchObject([
      { asset: CAR.asset, loadId: first },
      { asset: EVENTS, loadId: second, objectKey: 'raw/fleet/2.jsonl.gz' },
    ]);
  });

  test('forgets the last failure of its partition', async () => {
    await recordFailure(warehouse, HOUR, { reason: 'the bucket was gone', retryable: true });
    await publishCars(['a']);
    expect(await listFailures(warehouse.sql, { limit: 10 })).toEqual([]);
  });

  test('the same again under the same fence changes nothing and says so', async () => {
    const fence = await claimFence(warehouse, HOUR);
    const first = await publish(warehouse, publicationOf(fence, [{ id: 'a' }]));
    expect(await publish(warehouse, publicationOf(fence, [{ id: 'a' }]))).toEqual({ ...first, outcome: 'already' });
    expect(await readCars(warehouse)).toEqual({ a: fence });
  });
});

describe('a publication that fails leaves what was', () => {
  let before: Published;

  beforeEach(async () => {
    before = await publishCars(['old']);
  });

  async function expectOld(): Promise<void> {
    expect(await readCars(warehouse)).toEqual({ old: before.loadId });
    expect(await readVisible(warehouse.sql, HOUR)).toMatchObject([{ asset: CAR.asset, loadId: before.loadId }]);
  }

  test('when a check throws, with the error of the check', async () => {
    const fence = await claimFence(warehouse, HOUR);
    const doubt = new Error('too few cars');
    const check = async (): Promise<void> => Promise.reject(doubt);
    await expect(publish(warehouse, publicationOf(fence, [{ id: 'new' }], { check }))).rejects.toBe(doubt);
    await expectOld();
  });

  test('when other than the staged number of rows arrive', async () => {
    const fence = await claimFence(warehouse, HOUR);
    const copies = [{ table: CAR, ...stage([{ id: 'new' }]), rows: 2 }];
    await expect(publish(warehouse, publicationOf(fence, [], { copies }))).rejects.toBeInstanceOf(CountsError);
    await expectOld();
  });

  test('when a row is broken, with the error of the server', async () => {
    const fence = await claimFence(warehouse, HOUR);
    const rows = [{ id: 'new' }, { id: 'bad', seats: 'broken' } as const];
    await expect(publish(warehouse, publicationOf(fence, rows))).rejects.toMatchObject({ code: '22P03' });
    await expectOld();
  });

  test('when it is cancelled after the rows were copied', async () => {
    const fence = await claimFence(warehouse, HOUR);
    const stop = new AbortController();
    const reason = new Error('the run was cancelled');
    const check = async (): Promise<void> => stop.abort(reason);
    const publication = publicationOf(fence, [{ id: 'new' }], { check, signal: stop.signal });
    await expect(publish(warehouse, publication)).rejects.toBe(reason);
    await expectOld();
  });

  test('when its session dies while it works elsewhere, and nothing of it is carried out outside the transaction', async () => {
    const fence = await claimFence(warehouse, HOUR);
    const check = async (): Promise<void> => {
      await warehouse.sql`
        select pg_terminate_backend(pid, 5000)
        from pg_stat_activity
        where application_name like 'hourloom load %'
      `;
      // The pool takes new connections in place of the lost one: none of them may see the rest of this publication.
      await Promise.all(Array.from({ length: 6 }, () => warehouse.sql`select 1`));
    };
    const published = publish(warehouse, publicationOf(fence, [{ id: 'new' }], { check }));
    await expect(published).rejects.toBeInstanceOf(WarehouseUnreachableError);
    await expectOld();
    expect(await publish(warehouse, publicationOf(fence, [{ id: 'new' }]))).toMatchObject({ outcome: 'published' });
    expect(await readCars(warehouse)).toEqual({ new: fence });
  });
});

describe('readers', () => {
  test('see the old rows while the new ones are copied, and the new ones at once when they are published', async () => {
    const { loadId: old } = await publishCars(['a', 'b']);
    const fence = await claimFence(warehouse, HOUR);
    const seen = new Set<string>();
    const look = async (): Promise<void> => {
      const rows = await warehouse.sql<{ seen: string }[]>`
        select
          (select string_agg(id || ':' || load_id, ' ' order by id) from fleet.car) || ' ledger:' ||
          (select string_agg(load_id::text, ' ') from hourloom.materialization where visible) as seen
      `;
      seen.add(rows[0]?.seen ?? 'nothing');
    };
    let done = false;
    const check = async (): Promise<void> => look();
    const published = publish(warehouse, publicationOf(fence, [{ id: 'b' }, { id: 'c' }], { check })).finally(() => {
      done = true;
    });
    while (!done) await look();
    await published;
    await look();
    expect([...seen]).toEqual([`a:${old} b:${old} ledger:${old}`, `b:${fence} c:${fence} ledger:${fence}`]);
  });

  test('of the check hook see the new rows beside the old ones by their load id', async () => {
    await publishCars(['a']);
    const fence = await claimFence(warehouse, HOUR);
    let found: unknown;
    await publish(
      warehouse,
      publicationOf(fence, [{ id: 'b' }], {
        check: async (tx) => {
          found = [...(await tx`select id from fleet.car where load_id = ${fence}`)];
        },
      }),
    );
    expect(found).toEqual([{ id: 'b' }]);
  });
});
