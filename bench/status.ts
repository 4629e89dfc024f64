import assert from 'node:assert/strict';
import { countStates, foldStates } from '../cli/fold-states.ts';
import { countWindows, timeOf, uniteRanges } from '../model/index-ranges.ts';
import type { IndexRange } from '../model/index-ranges.ts';
import { windowIndex } from '../model/window.ts';
import { planPipeline } from '../warehouse/plan-pipeline.ts';
import { readFailedRanges } from '../warehouse/read-failed-ranges.ts';
import { readMadeRanges } from '../warehouse/read-made-ranges.ts';
import { readNotedRanges } from '../warehouse/read-noted-ranges.ts';
import type { BenchContext, Measured } from './bench.ts';
import type { BenchMachine } from './open-bench-machine.ts';
import { percentile } from './percentile.ts';

const LEDGER_ROWS = 200_000;
const PLANNED = 10_000;
const TIMES = 15;

/** What it costs to say what is there, and what is not: from a ledger with 200,000 makings of one asset. */
export async function status({ openMachine, note }: BenchContext): Promise<Measured> {
  await using machine = await openMachine();
  note(`Writing a ledger of ${LEDGER_ROWS} makings`);
  const { window } = machine.spec;
  const first = windowIndex(window, window.first);
  await fillLedger(machine);
  const bytes = await measureLedger(machine);

  note('Status and plans');
  const all = { from: first, to: first + LEDGER_ROWS };
  const missing = { from: all.to, to: all.to + PLANNED };
  const statusMs = await measure(() => readStatus(machine, all));
  const planMs = await measure(() => readPlan(machine, missing, PLANNED));
  // Every other hour is there: as many ranges as there can be.
  await machine.warehouse.sql`
    delete from hourloom.materialization
    where mod(extract(epoch from partition)::bigint / 3600, 2) = 0
  `;
  await machine.warehouse.sql`vacuum analyze hourloom.materialization`;
  const scattered = { from: first, to: first + 2 * PLANNED };
  const scatteredMs = await measure(() => readPlan(machine, scattered, PLANNED));
  return {
    figures: {
      status200kMs: percentile(statusMs, 0.5),
      status200kP95Ms: percentile(statusMs, 0.95),
      plan10kMs: percentile(planMs, 0.5),
      planScattered10kMs: percentile(scatteredMs, 0.5),
      ledgerBytesPerRow: bytes,
    },
    ratios: {},
  };
}

/** What `hourloom status <asset>` asks of the ledger, put together as it does. */
async function readStatus({ warehouse: { sql }, spec }: BenchMachine, range: IndexRange): Promise<void> {
  const { window, name, events } = spec;
  const { asset, codeVersion } = events;
  const within = timeOf(window, range);
  const [made, empty, quarantined, failed] = await Promise.all([
    readMadeRanges(sql, { assets: [asset], window, within }),
    readNotedRanges(sql, { asset, window, within, note: 'empty' }),
    readNotedRanges(sql, { asset, window, within, note: 'quarantined' }),
    readFailedRanges(sql, { pipeline: name, window, within }),
  ]);
  const states = foldStates({
    ...{ range, codeVersion, made, empty, quarantined, failed },
    ...{ inputChanged: [], due: [], open: [], unsettled: [] },
  });
  assert.equal(countStates(states).fresh, LEDGER_ROWS);
}

async function readPlan({ warehouse, spec }: BenchMachine, range: IndexRange, expected: number): Promise<void> {
  const planned = await planPipeline(warehouse.sql, spec, { ranges: [range], only: 'missing' });
  assert.equal(countWindows(uniteRanges(planned)), expected);
}

/** The milliseconds of each time, after one that fills caches. */
async function measure(work: () => Promise<void>): Promise<readonly number[]> {
  await work();
  const times: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    const startedMs = performance.now();
    await work();
    times.push(performance.now() - startedMs);
  }
  return times;
}

/** One making of each asset for every hour, as a publication would have written it. */
async function fillLedger({ warehouse: { sql }, spec }: BenchMachine): Promise<void> {
  for (const { asset, codeVersion } of [spec.events, ...spec.tables]) {
    const isEvents = asset === spec.events.asset;
    const lines = { lines: 35_351, good: 35_349, duplicate: 2, quarantined: 0 };
    const files = { listed: 721, loaded: 721, rejected: 0, skipped: 0, empty: 0, bytes: 540_000 };
    const key = `raw/${spec.name}/2019/06/01/18/`;
    await sql`
      insert into hourloom.materialization (
        load_id, pipeline, asset, partition, input_digest, code_version, row_count, counts, object_key, visible, published_at
      )
      select
        number + 1, ${spec.name}, ${asset}, ${new Date(spec.window.first)}::timestamptz + number * interval '1 hour',
        sha256(number::text::bytea), decode(${codeVersion}, 'hex'), ${isEvents ? 0 : 35_349},
        ${sql.json(isEvents ? { ...files, ...lines } : lines)}::jsonb,
        case when ${isEvents} then ${key} || encode(sha256(number::text::bytea), 'hex') || '.jsonl.gz' end,
        true, now()
      from generate_series(0, ${LEDGER_ROWS - 1}::int) as number
    `;
  }
  await sql`vacuum analyze hourloom.materialization`;
}

/** Bytes of the ledger for each making, its indexes included. */
async function measureLedger({ warehouse: { sql } }: BenchMachine): Promise<number> {
  const [found] = await sql<[{ bytes: number; makings: number }]>`
    select
      pg_total_relation_size('hourloom.materialization') as bytes,
      count(*) as makings
    from hourloom.materialization
  `;
  return found.bytes / found.makings;
}
