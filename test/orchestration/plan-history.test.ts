import { afterAll, beforeAll, expect, test } from 'vitest';
import { check } from '../../cli/commands/check.ts';
import { plan } from '../../cli/commands/plan.ts';
import { daily, derived, findDerived, findPipeline, hourly } from '../../define/index.ts';
import type { ComputeInput } from '../../define/index.ts';
import { countWindows } from '../../model/index-ranges.ts';
import { watchedWindows } from '../../model/watched-windows.ts';
import { createLog } from '../../worker/create-log.ts';
import { registerCode } from '../../worker/register-code.ts';
import * as v from 'valibot';
import { definitionOf, openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { makeTelemetry } from '../hour/telemetry.ts';
import { askCommand } from './ask-command.ts';

const HOUR_MS = 3_600_000;
const COUNT = 65_000;
/** The newest hour that is over and settled. */
const LAST = Math.floor((Date.now() - 60_000) / HOUR_MS) * HOUR_MS - HOUR_MS;
const FIRST = LAST - (COUNT - 1) * HOUR_MS;

const telemetry = makeTelemetry('history', hourly(new Date(FIRST).toISOString().slice(0, 13)));
const { spec } = findPipeline(telemetry)!;

/** The same definition with one of two texts that give the same rows, under one version. */
const countBy = (compute: (input: Pick<ComputeInput, 'read'>) => AsyncGenerator<{ readings: number }>) =>
  derived('history/daily_count', {
    window: daily(),
    key: ['readings'],
    row: v.object({ readings: v.pipe(v.number(), v.integer()) }),
    version: 1,
    reads: [telemetry.readings],
    compute,
  });
const before = countBy(async function* ({ read }) {
  let readings = 0;
  for await (const _ of read(telemetry.readings)) readings += 1;
  yield { readings };
});
const after = countBy(async function* ({ read }) {
  let count = 0;
  for await (const _ of read(telemetry.readings)) count += 1;
  yield { readings: count };
});

let stack: Stack;
beforeAll(async () => {
  stack = await openStack(telemetry, { worker: false, derived: [before] });
  const computed = findDerived(before)!;
  await registerCode(
    stack.warehouse,
    {
      pipelines: new Map([[spec.name, { ...definitionOf(telemetry), sample: undefined }]]),
      derived: new Map([[computed.asset, computed]]),
    },
    createLog('error'),
  );
});
afterAll(() => stack.close());

test('a change of 65,000 hours is planned within seconds, in words with a time', async () => {
  await insertHistory();
  const [readings] = spec.tables as [(typeof spec.tables)[0]];
  // As another deploy left it: of the readings another code is the newest.
  await stack.warehouse.sql`
    update hourloom.deploy
    set
      code_version = sha256('other'),
      code = jsonb_set(code, '{columns}', (code -> 'columns') - 2)
    where asset = ${readings.asset}
  `;
  const now = Date.now();
  const byItself = countWindows([watchedWindows(spec, { promisedFrom: now, now }).listed]);
  const startedAt = performance.now();
  const { document, text } = await askCommand(stack, [telemetry, before], plan, { selection: 'history/readings+' });
  const tookMs = performance.now() - startedAt;
  expect(tookMs).toBeLessThan(10_000);
  expect(document).toMatchObject({ pipelines: [{ stale: COUNT, fill: 0, byItself, waiting: COUNT - byItself }] });
  expect(text).toContain('history/readings     column value is new (double precision)  65,000 stale');
  expect(text).toContain(
    [
      'history: 65,000 stale, from the lake, without the source.',
      `  ${byItself} inside the lateness window are made by themselves, the other 64,${1_000 - byItself} wait.`,
      '  hourloom backfill start history --only stale',
      '  About 27 min at the rate of its fastest minute on record.',
    ].join('\n'),
  );
});

test('a function with another text under the same version is told by check, and changes no version', async () => {
  const same = await askCommand(stack, [telemetry, before], check, {});
  expect(same).toMatchObject({ document: { ok: true, changedText: [] }, notes: [] });
  const { document, notes } = await askCommand(stack, [telemetry, after], check, {});
  expect(document).toMatchObject({ ok: true, changedText: ['history/daily_count'] });
  expect(notes).toEqual([
    'history/daily_count: the text of its function changed since it was deployed, its version did not. If it gives other rows now, raise its version.',
  ]);
  expect(findDerived(after)?.table.codeVersion).toBe(findDerived(before)?.table.codeVersion);
});

/** The ledger as a backfill at 40 hours a second would leave it. */
async function insertHistory(): Promise<void> {
  const [readings, alarms] = spec.tables as [(typeof spec.tables)[0], (typeof spec.tables)[0]];
  await stack.warehouse.sql`
    insert into hourloom.materialization (
      load_id, pipeline, asset, partition, input_digest, code_version, row_count, counts, visible, published_at
    )
    select
      hour + 1, ${spec.name}, made.asset, ${new Date(FIRST)}::timestamptz + hour * interval '1 hour', sha256('input'),
      made.code_version, 1, '{}', true, timestamptz '2026-01-01T00:00:00Z' + hour * interval '25 milliseconds'
    from generate_series(0, ${COUNT - 1}::int) as hour
    cross join (
      values
        (${spec.events.asset}, decode(${spec.events.codeVersion}, 'hex')),
        (${readings.asset}, sha256('other')),
        (${alarms.asset}, decode(${alarms.codeVersion}, 'hex'))
    ) as made (asset, code_version)
  `;
}
