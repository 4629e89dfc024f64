import assert from 'node:assert/strict';
import { retail } from '../assets/index.ts';
import { findPipeline } from '../define/index.ts';
import type { AssetKey, PipelineName } from '../model/asset-key.ts';
import type { PipelineSpec, TableSpec } from '../model/pipeline-spec.ts';
import { isShown } from '../model/rule-set.ts';
import { createRecordRoad } from '../record/create-record-road.ts';
import type { PipelineDefinition } from '../record/pipeline-definition.ts';
import { sha256Hex } from '../record/sha256-hex.ts';
import { claimFence } from '../warehouse/claim-fence.ts';
import { ensureTables } from '../warehouse/ensure-tables.ts';
import type { Warehouse } from '../warehouse/open-warehouse.ts';
import { publish } from '../warehouse/publish.ts';
import type { BenchContext, Measured } from './bench.ts';
import { percentile } from './percentile.ts';

const SALES = 100_000;
const CUSTOMERS = 5_000;
const PRODUCTS = 2_500;
const LINES_PER_SALE = 3;
const WARM_HOURS = 1;
const HOURS = 3;
const FIRST = Date.parse('2020-01-01T00:00:00Z');

/**
 * What rules over the whole set cost: hours of 100,000 sales that refer to customers and products, beside the same hours
 * without such rules, made for the first time and made again. The difference is all of it: indexes, positions, judging.
 * And what it costs that a product is withdrawn that sales of every hour refer to, and comes back.
 */
export async function rulings({ openMachine, note }: BenchContext): Promise<Measured> {
  const ruled = findPipeline(retail);
  assert(ruled, 'the project declares the pipeline "retail"');
  const plain = { ...ruled, spec: withoutRules(ruled.spec) };
  await using machine = await openMachine();
  const { warehouse } = machine;
  await ensureTables(warehouse, [...ruled.spec.tables, ...plain.spec.tables]);

  note(`${CUSTOMERS} customers, ${PRODUCTS} products`);
  const [customers, products] = [listCustomers(), listProducts()];
  const shop = stageHour(ruled, 0, { customers, products });
  await publishHour(warehouse, ruled.spec, 0, shop);
  const measured: HourTimes[] = [];
  for (let hour = 1; hour <= WARM_HOURS + HOURS; hour += 1) {
    note(`Hour ${hour} of ${WARM_HOURS + HOURS}: ${SALES} sales`);
    const transactions = listSales(hour);
    const [bare, full] = [stageHour(plain, hour, { transactions }), stageHour(ruled, hour, { transactions })];
    const times = {
      plain: await publishHour(warehouse, plain.spec, hour, bare),
      ruled: await publishHour(warehouse, ruled.spec, hour, full),
      plainAgain: await publishHour(warehouse, plain.spec, hour, bare),
      ruledAgain: await publishHour(warehouse, ruled.spec, hour, full),
    };
    if (hour > WARM_HOURS) measured.push(times);
  }
  assert.equal(await countSales(warehouse), SALES * (WARM_HOURS + HOURS));
  note('A product goes, and comes back');
  const withdrawnMs = await publishHour(
    warehouse,
    ruled.spec,
    0,
    stageHour(ruled, 0, { customers, products: products.slice(1) }),
  );
  const heldSales = SALES * (WARM_HOURS + HOURS) - (await countSales(warehouse));
  assert(heldSales > 0);
  const returnedMs = await publishHour(warehouse, ruled.spec, 0, shop);
  assert.equal(await countSales(warehouse), SALES * (WARM_HOURS + HOURS));

  const medianOf = (which: keyof HourTimes): number =>
    percentile(
      measured.map((times) => times[which]),
      0.5,
    )!;
  const [plainMs, ruledMs] = [medianOf('plain'), medianOf('ruled')];
  const [plainAgainMs, ruledAgainMs] = [medianOf('plainAgain'), medianOf('ruledAgain')];
  return {
    figures: {
      ...{ sales: SALES, plainMs, ruledMs, plainAgainMs, ruledAgainMs },
      ...{ heldSales, withdrawnMs, returnedMs },
      microsecondsPerSale: ((ruledMs - plainMs) * 1_000) / SALES,
      microsecondsPerSaleAgain: ((ruledAgainMs - plainAgainMs) * 1_000) / SALES,
    },
    ratios: { ruledToPlain: ruledMs / plainMs, ruledToPlainAgain: ruledAgainMs / plainAgainMs },
  };
}

/** How long the publications of an hour took, in milliseconds. */
interface HourTimes {
  readonly plain: number;
  readonly ruled: number;
  readonly plainAgain: number;
  readonly ruledAgain: number;
}

async function countSales({ sql }: Warehouse): Promise<number> {
  const [kept] = await sql<[{ sales: number }]>`select count(*) as sales from retail.transactions`;
  return kept.sales;
}

/** The same tables in a schema of their own, as they would be without rules over the whole set. */
function withoutRules(spec: PipelineSpec): PipelineSpec {
  const name = `${spec.name}_plain` as PipelineName;
  const tables = spec.tables.map(({ set: _, ...table }): TableSpec => {
    const columns = table.columns.filter(isShown).map(({ references: _table, ...column }) => column);
    return { ...table, columns, schema: name, asset: `${name}/${table.name}` as AssetKey };
  });
  return { ...spec, name, tables };
}

interface StagedHour {
  readonly chunks: ReadonlyMap<string, readonly Buffer[]>;
  readonly rows: Readonly<Record<string, number>>;
}

function stageHour(
  definition: PipelineDefinition,
  hour: number,
  kinds: Readonly<Record<string, readonly object[]>>,
): StagedHour {
  const chunks = new Map<string, Buffer[]>(definition.spec.tables.map(({ name }) => [name, []]));
  const road = createRecordRoad(definition, {
    rows: ({ name }, chunk) => void chunks.get(name)?.push(chunk),
    quarantine: () => undefined,
  });
  for (const [kind, records] of Object.entries(kinds)) {
    const source = `date=2020-01-01/hour=${String(hour).padStart(2, '0')}/${kind}.json`;
    const bytes = Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    road.push({ source, line: 1, last: true, bytes });
  }
  const { lines, tables } = road.finish();
  assert.equal(lines.good, lines.lines);
  return { chunks, rows: Object.fromEntries(Object.entries(tables).map(([name, { good }]) => [name, good])) };
}

/** Returns how long the publication took, from its first row to its commit. */
async function publishHour(
  warehouse: Warehouse,
  { name, tables }: PipelineSpec,
  hour: number,
  { chunks, rows }: StagedHour,
): Promise<number> {
  const partition = { pipeline: name, start: FIRST + hour * 3_600_000 };
  const fence = await claimFence(warehouse, partition);
  const startedMs = performance.now();
  await publish(warehouse, {
    partition,
    fence,
    copies: tables.map((table) => ({
      table,
      rows: rows[table.name] ?? 0,
      chunks: async function* () {
        yield* chunks.get(table.name) ?? [];
      },
    })),
    ledger: tables.map(({ asset, codeVersion, name: table }) => ({
      ...{ asset, codeVersion, inputDigest: sha256Hex(`${hour}`), counts: {}, objectKey: undefined },
      rowCount: rows[table] ?? 0,
    })),
  });
  return performance.now() - startedMs;
}

function listCustomers(): readonly object[] {
  const named = { first_name: 'Mary', last_name: 'Example', email: 'mary@example.com' };
  return Array.from({ length: CUSTOMERS }, (_, nth) => ({ id: `c${nth}`, ...named }));
}

function listProducts(): readonly object[] {
  const named = { name: 'Product', category: 'vitamin', price: '10.00', popularity: 0.5 };
  return Array.from({ length: PRODUCTS }, (_, nth) => ({ sku: nth, ...named }));
}

function listSales(hour: number): readonly object[] {
  return Array.from({ length: SALES }, (_, nth) => ({
    transaction_id: toUuid(sha256Hex(`${hour} ${nth}`)),
    transaction_time: '2020-01-01T00:42:43.585342',
    customer_id: `c${(nth * 31 + hour) % CUSTOMERS}`,
    delivery_address: {
      address: '1 Delivery Road',
      postcode: 'SW1A 1AA',
      city: 'Sampleton',
      country: 'United Kingdom',
    },
    purchases: {
      products: Array.from({ length: LINES_PER_SALE }, (_each, index) => ({
        ...{ sku: (nth * 7 + index * 1_301 + hour) % PRODUCTS, quanitity: 1, price: '10.00', total: '10.00' },
      })),
      total_cost: `${LINES_PER_SALE * 10}.00`,
    },
  }));
}

function toUuid(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
