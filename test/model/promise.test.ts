import { expect, test } from 'vitest';
import { buildGraph, nodeOf } from '../../model/graph.ts';
import { dueWindows, promiseOfNode } from '../../model/promise.ts';
import { formatPartition, windowAt } from '../../model/window.ts';
import { assetKey, DAYS, derivedSpec, HOURS, pipelineName, pipelineSpec, utc } from './specs.ts';

const TWENTY_MINUTES = 1_200_000;

function shown(from: string, now: string): readonly string[] {
  const due = dueWindows(HOURS, { promiseMs: TWENTY_MINUTES, from: utc(from) }, utc(now));
  const names: string[] = [];
  for (let index = due.from; index < due.to; index += 1)
    names.push(formatPartition(HOURS, windowAt(HOURS, index).start));
  return names;
}

test('a window is due when the promise after its end has passed, and not a moment before', () => {
  expect(shown('2019-06-02T10:00:00Z', '2019-06-02T12:19:59Z')).toEqual(['2019-06-02T10']);
  expect(shown('2019-06-02T10:00:00Z', '2019-06-02T12:20:00Z')).toEqual(['2019-06-02T10', '2019-06-02T11']);
});

test('windows that began before the promise did are not due, nor is any before the first there is', () => {
  expect(shown('2019-06-02T10:00:01Z', '2019-06-02T12:20:00Z')).toEqual(['2019-06-02T11']);
  expect(shown('2000-01-01T00:00:00Z', '2019-06-01T20:20:00Z')).toEqual(['2019-06-01T18', '2019-06-01T19']);
  expect(shown('2019-06-03T00:00:00Z', '2019-06-02T12:20:00Z')).toEqual([]);
});

test('no more than the newest 5,000 windows are looked after', () => {
  const due = dueWindows(HOURS, { promiseMs: TWENTY_MINUTES, from: 0 }, utc('2026-11-21T12:20:00Z'));
  expect(due.to - due.from).toBe(5_000);
});

test('a promise begins where the definition says so, else with the schedule; one that is computed waits for all of them', () => {
  const cars = pipelineSpec('cars', ['car']);
  const trips = { ...pipelineSpec('trips', ['trip']), promisedFrom: utc('2026-01-01T00:00:00Z') };
  const within = { kind: 'within' } as const;
  const daily = {
    ...derivedSpec('cars/daily', DAYS, { 'cars/car': within, 'trips/trip': within }),
    promiseMs: TWENTY_MINUTES,
  };
  const quiet = derivedSpec('cars/quiet', DAYS, { 'cars/car': within });
  const graph = buildGraph([cars, trips], [daily, quiet]);
  const both = new Map([
    [pipelineName('cars'), 5],
    [pipelineName('trips'), 7],
  ]);
  const of = (key: string, scheduled: typeof both) => promiseOfNode(graph, nodeOf(graph, assetKey(key)), scheduled);
  expect(of('cars/car', both)).toEqual({ promiseMs: TWENTY_MINUTES, from: 5 });
  expect(of('cars/car', new Map())).toBeUndefined();
  expect(of('trips/events', both)).toEqual({ promiseMs: TWENTY_MINUTES, from: utc('2026-01-01T00:00:00Z') });
  expect(of('cars/daily', both)).toEqual({ promiseMs: TWENTY_MINUTES, from: 7 });
  expect(of('cars/daily', new Map([[pipelineName('cars'), 5]]))).toBeUndefined();
  expect(of('cars/quiet', both)).toBeUndefined();
});
