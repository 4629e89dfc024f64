import { afterAll, beforeAll, expect, test } from 'vitest';
import { sampleVehicles } from '../../assets/door2door/sample.ts';
import { door2door } from '../../assets/index.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { compareTables } from './compare-tables.ts';

/** No other test file makes it: they share one Temporal. The real hour is compared where its known answers are. */
const HOUR = Date.parse('2019-07-01T18:00:00Z');

let stack: Stack;
beforeAll(async () => {
  stack = await openStack(door2door);
  await stack.feed(sampleVehicles({ start: HOUR, end: HOUR + 3_600_000 }));
});
afterAll(() => stack.close());

test('the Parquet of a generated hour equals the warehouse row for row', async () => {
  expect((await stack.run(HOUR)).rows).toEqual({
    'door2door/vehicle_location': 7_280,
    'door2door/operating_periods': 1,
  });
  expect(await compareTables(stack, HOUR)).toEqual({ vehicle_location: 7_280, operating_periods: 1 });
});
