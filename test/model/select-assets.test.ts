import { expect, test } from 'vitest';
import { buildGraph } from '../../model/graph.ts';
import { selectAssets, SelectionError } from '../../model/select-assets.ts';
import { DAYS, derivedSpec, pipelineSpec } from './specs.ts';

const GRAPH = buildGraph(
  [pipelineSpec('rides', ['trip', 'place']), pipelineSpec('shop', ['sale'])],
  [
    derivedSpec('rides/daily', DAYS, { 'rides/trip': { kind: 'within' } }),
    derivedSpec('report/total', undefined, { 'rides/daily': { kind: 'all' }, 'shop/sale': { kind: 'all' } }),
  ],
);
const ALL = ['report/total', 'rides/daily', 'rides/events', 'rides/place', 'rides/trip', 'shop/events', 'shop/sale'];

test.each([
  ['', ALL],
  ['rides/trip', ['rides/trip']],
  ['+rides/trip', ['rides/events', 'rides/trip']],
  ['rides/trip+', ['report/total', 'rides/daily', 'rides/trip']],
  ['+rides/daily+', ['report/total', 'rides/daily', 'rides/events', 'rides/trip']],
  ['group:shop', ['shop/events', 'shop/sale']],
  ['group:shop+', ['report/total', 'shop/events', 'shop/sale']],
  ['+group:report', ['report/total', 'rides/daily', 'rides/events', 'rides/trip', 'shop/events', 'shop/sale']],
  ['  shop/sale   rides/place shop/sale ', ['rides/place', 'shop/sale']],
])('%j selects %j', (text, assets) => {
  expect(selectAssets(GRAPH, text)).toEqual({ assets, states: [] });
});

test('states are handed back, beside the assets whose partitions they choose from', () => {
  expect(selectAssets(GRAPH, 'state:stale')).toEqual({ assets: ALL, states: ['stale'] });
  expect(selectAssets(GRAPH, 'group:shop state:failed state:late state:failed')).toEqual({
    assets: ['shop/events', 'shop/sale'],
    states: ['failed', 'late'],
  });
});

test.each([
  [
    'rides/trips',
    'There is no asset "rides/trips". Assets are: report/total, rides/daily, rides/events, rides/place, rides/trip, shop/events, shop/sale.',
  ],
  ['shop', '"shop" is a group of assets, not one of them. Write "group:shop" for all of them.'],
  ['group:shops', 'There is no group "shops". Groups are: report, rides, shop.'],
  [
    'state:old',
    '"state:old" names no state. There are missing, empty, fresh, stale, idle, waiting, running, failed, late, quarantined.',
  ],
  [
    '+',
    'There is no asset "". Assets are: report/total, rides/daily, rides/events, rides/place, rides/trip, shop/events, shop/sale.',
  ],
])('%j is refused, with what there is', (text, message) => {
  expect(() => selectAssets(GRAPH, text)).toThrow(new SelectionError(message));
});

test('of many names the first ten are told', () => {
  const many = Array.from({ length: 30 }, (_, n) => `table${n + 10}`);
  expect(() => selectAssets(buildGraph([pipelineSpec('shop', many)], []), 'x')).toThrow(/table18, and 21 more\.$/u);
});
