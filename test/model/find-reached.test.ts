import { expect, test } from 'vitest';
import { findReached, madeByPipeline, planReached } from '../../model/find-reached.ts';
import type { DerivedRanges } from '../../model/find-reached.ts';
import { buildGraph } from '../../model/graph.ts';
import { WHOLE } from '../../model/mapping.ts';
import { formatPartition, windowAt, windowIndex } from '../../model/window.ts';
import { DAYS, derivedSpec, HOURS, MONTHS, pipelineSpec, utc } from './specs.ts';

const RIDES = pipelineSpec('rides', ['trip', 'place']);
const GRAPH = buildGraph(
  [RIDES, pipelineSpec('shop', ['sale'])],
  [
    derivedSpec('rides/daily', DAYS, { 'rides/trip': { kind: 'within' }, 'rides/place': { kind: 'within' } }),
    derivedSpec('rides/change', DAYS, { 'rides/daily': { kind: 'around', offset: -1, count: 2 } }),
    derivedSpec('rides/monthly', MONTHS, { 'rides/daily': { kind: 'within' }, 'rides/trip': { kind: 'within' } }),
    derivedSpec('rides/total', undefined, { 'rides/monthly': { kind: 'all' } }),
    derivedSpec('shop/daily', DAYS, { 'shop/sale': { kind: 'within' } }),
  ],
);
const NOW = utc('2019-07-02T12:00:00Z');

function hours(from: string, to: string) {
  return madeByPipeline(RIDES, [{ from: windowIndex(HOURS, utc(from)), to: windowIndex(HOURS, utc(to)) }]);
}

/** Each asset with its first and last partition. */
function nameOf({ node, ranges }: DerivedRanges): string {
  const { window } = node;
  const names = ranges.map(({ from, to }) =>
    window ? [from, to - 1].map((index) => formatPartition(window, windowAt(window, index).start)).join('..') : 'whole',
  );
  return `${node.key} ${names.join(', ')}`;
}

test('an hour tells those that read it, and not those that read these', () => {
  const reached = findReached(GRAPH, hours('2019-06-30T18:00Z', '2019-06-30T19:00Z'), NOW);
  expect(reached.map(nameOf)).toEqual(['rides/daily 2019-06-30..2019-06-30', 'rides/monthly 2019-06..2019-06']);
});

test('what nobody reads tells nobody', () => {
  const events = RIDES.events.asset;
  expect(findReached(GRAPH, new Map([[events, [{ from: 0, to: 1 }]]]), NOW)).toEqual([]);
});

test('a backfill makes all that follow from its hours, each after all that it reads', () => {
  const waves = planReached(GRAPH, hours('2019-06-29T23:00Z', '2019-06-30T01:00Z'), NOW);
  expect(waves.map((wave) => wave.map(nameOf))).toEqual([
    ['rides/daily 2019-06-29..2019-06-30'],
    ['rides/change 2019-06-29..2019-07-01', 'rides/monthly 2019-06..2019-06'],
    ['rides/total whole'],
  ]);
  expect(waves.at(-1)?.[0]?.ranges).toEqual([WHOLE]);
});

test('nothing is computed before its window begins', () => {
  const waves = planReached(GRAPH, hours('2019-07-01T00:00Z', '2019-07-03T00:00Z'), NOW);
  expect(waves[1]?.map(nameOf)).toEqual(['rides/change 2019-07-01..2019-07-02', 'rides/monthly 2019-07..2019-07']);
});

test('hours far apart reach days far apart', () => {
  const made = madeByPipeline(RIDES, [
    ...(hours('2019-06-02T00:00Z', '2019-06-02T01:00Z').get(RIDES.events.asset) ?? []),
    ...(hours('2019-06-20T00:00Z', '2019-06-21T00:00Z').get(RIDES.events.asset) ?? []),
  ]);
  expect(findReached(GRAPH, made, NOW).map(nameOf)[0]).toBe(
    'rides/daily 2019-06-02..2019-06-02, 2019-06-20..2019-06-20',
  );
});
