import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  daily,
  derived,
  every,
  findDerived,
  findPipeline,
  hourly,
  key,
  pipeline,
  s3Files,
  sql,
  table,
  timestamp,
  window,
} from '../../define/index.ts';
import type { AssetKey } from '../../model/asset-key.ts';
import { buildGraph } from '../../model/graph.ts';
import type { WindowKind, WindowSpec } from '../../model/window.ts';
import { assertSameWindows } from '../../warehouse/assert-same-windows.ts';
import { claimFence } from '../../warehouse/claim-fence.ts';
import { ensureTables } from '../../warehouse/ensure-tables.ts';
import { publish } from '../../warehouse/publish.ts';
import { wipe } from '../../warehouse/wipe.ts';
import { createLog } from '../../worker/create-log.ts';
import { registerCode } from '../../worker/register-code.ts';
import { createWarehouse, entryOf } from './fixtures.ts';
import type { TestWarehouse } from './fixtures.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const READINGS = 'ticking/readings' as AssetKey;

let warehouse: TestWarehouse;
beforeAll(async () => {
  warehouse = await createWarehouse();
});
afterAll(() => warehouse.close());

function declare(of: WindowSpec, counted: WindowKind = daily()) {
  const ticking = pipeline('ticking', {
    source: s3Files('s3://ticking/in/{yyyy}-{MM}-{dd}T{HH}-{mm}-{ss}.json'),
    window: of,
    tables: { readings: table(v.object({ id: v.string(), at: timestamp() }), ({ id, at }) => ({ id: key(id), at })) },
  });
  const count = derived('ticking/count', {
    window: counted,
    key: ['readings'],
    row: v.object({ readings: v.pipe(v.number(), v.integer()) }),
    sql: sql`select count(*) as readings from ${ticking.readings} where at <@ ${window}`,
  });
  const definition = findPipeline(ticking)!;
  const spec = findDerived(count)!;
  return { pipelines: new Map([[definition.spec.name, definition]]), derived: new Map([[spec.asset, spec]]) };
}

/** As a worker does. */
async function start({ pipelines, derived: computed }: ReturnType<typeof declare>): Promise<void> {
  const specs = [...pipelines.values()].map(({ spec }) => spec);
  await assertSameWindows(warehouse.sql, buildGraph(specs, [...computed.values()]));
  await registerCode(warehouse, { pipelines, derived: computed }, createLog('error'));
}

const TENS = declare(every('10 minutes', '2026-01-01T00:00'));
const TWENTIES = declare(every('20 minutes', '2026-01-01T00:00'));

test('the length of windows may change until something is made of them', async () => {
  await start(TWENTIES);
  await expect(start(TENS)).resolves.toBeUndefined();
});

test('no worker starts whose windows are not those of what was made', async () => {
  const { spec } = [...TENS.pipelines.values()][0]!;
  await ensureTables(warehouse, spec.tables);
  const partition = { pipeline: spec.name, start: START };
  const ledger = [{ ...entryOf(READINGS, 0), codeVersion: spec.tables[0]!.codeVersion }];
  await publish(warehouse, { partition, fence: await claimFence(warehouse, partition), copies: [], ledger });

  await start(TENS);
  const refused = { name: 'WindowChangedError', maker: 'ticking' };
  await expect(start(TWENTIES)).rejects.toMatchObject({
    ...refused,
    message: expect.stringContaining('(10 minutes) than it is declared with (20 minutes)') as string,
  });
  await expect(start(declare(hourly('2026-01-01T00')))).rejects.toMatchObject(refused);
  // The first window is no part of the kind.
  await start(declare(every('10 minutes', '2025-01-01T00:00')));
});

test('the same holds for what is computed', async () => {
  const partition = { pipeline: 'ticking/count' as never, start: START };
  const asset = 'ticking/count' as AssetKey;
  const codeVersion = TENS.derived.get(asset)!.table.codeVersion;
  const ledger = [{ ...entryOf(asset, 0), codeVersion }];
  await publish(warehouse, { partition, fence: await claimFence(warehouse, partition), copies: [], ledger });
  await expect(start(declare(every('10 minutes', '2026-01-01T00:00'), hourly()))).rejects.toMatchObject({
    ...{ name: 'WindowChangedError', maker: asset },
  });
});

test('once it is wiped the window may be another', async () => {
  for (const asset of [READINGS, 'ticking/count' as AssetKey]) {
    const within = { start: START, end: START + 1 };
    for await (const wiped of wipe(warehouse, { asset, table: undefined, within })) expect(wiped.start).toBe(START);
  }
  await start(TWENTIES);
});
