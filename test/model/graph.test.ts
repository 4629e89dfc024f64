import { describe, expect, test } from 'vitest';
import { findGraphProblems, GraphError } from '../../model/find-graph-problems.ts';
import { buildGraph, listDownstream, listUpstream, nodeOf, planWaves } from '../../model/graph.ts';
import { assetKey, DAYS, derivedSpec, HOURS, MONTHS, pipelineSpec } from './specs.ts';

const RIDES = pipelineSpec('rides', ['trip', 'place']);
const DAILY = derivedSpec('rides/daily', DAYS, { 'rides/trip': { kind: 'within' }, 'rides/place': { kind: 'within' } });
const MONTHLY = derivedSpec('report/monthly', MONTHS, {
  'rides/daily': { kind: 'within' },
  'rides/trip': { kind: 'within' },
});
const TOTAL = derivedSpec('report/total', undefined, { 'report/monthly': { kind: 'all' } });

describe('graph', () => {
  const graph = buildGraph([RIDES], [TOTAL, MONTHLY, DAILY]);

  test('holds every asset by its key, sorted, whatever the order of definition', () => {
    expect([...graph.keys()]).toEqual([
      'report/monthly',
      'report/total',
      'rides/daily',
      'rides/events',
      'rides/place',
      'rides/trip',
    ]);
    expect([...buildGraph([RIDES], [DAILY, MONTHLY, TOTAL])]).toEqual([...graph]);
  });

  test('a table is made of its merged object, and knows who reads it', () => {
    expect(nodeOf(graph, assetKey('rides/trip'))).toMatchObject({
      kind: 'table',
      group: 'rides',
      window: HOURS,
      reads: [{ asset: 'rides/events', mapping: { kind: 'same' } }],
      readBy: ['report/monthly', 'rides/daily'],
      pipeline: RIDES,
    });
  });

  test('a derived asset belongs to the first part of its key', () => {
    expect(nodeOf(graph, assetKey('report/total'))).toMatchObject({
      kind: 'derived',
      group: 'report',
      window: undefined,
      readBy: [],
      derived: TOTAL,
    });
  });

  test('each asset comes in a later wave than all that it reads', () => {
    expect(planWaves(graph)).toEqual([
      ['rides/events'],
      ['rides/place', 'rides/trip'],
      ['rides/daily'],
      ['report/monthly'],
      ['report/total'],
    ]);
    expect(planWaves(buildGraph([], []))).toEqual([]);
  });

  test('what an asset is made of and what is made of it, however far', () => {
    expect(listUpstream(graph, assetKey('rides/daily'))).toEqual(['rides/events', 'rides/place', 'rides/trip']);
    expect(listDownstream(graph, assetKey('rides/daily'))).toEqual(['report/monthly', 'report/total']);
    expect(listUpstream(graph, assetKey('rides/events'))).toEqual([]);
    expect(listDownstream(graph, assetKey('report/total'))).toEqual([]);
  });

  test('an asset that reads another twice is told of once', () => {
    const twice = { ...DAILY, reads: [...DAILY.reads, ...DAILY.reads] };
    expect(nodeOf(buildGraph([RIDES], [twice]), assetKey('rides/trip')).readBy).toEqual(['rides/daily']);
  });
});

describe('what keeps a graph from being built', () => {
  const same = { kind: 'same' } as const;

  test('assets that read each other, or themselves', () => {
    const problems = findGraphProblems(
      [],
      [
        derivedSpec('a/one', DAYS, { 'a/two': same }),
        derivedSpec('a/two', DAYS, { 'a/three': same }),
        derivedSpec('a/three', DAYS, { 'a/one': same }),
        derivedSpec('a/self', DAYS, { 'a/self': same }),
        derivedSpec('a/beside', DAYS, { 'a/one': same }),
      ],
    );
    expect(problems).toEqual([
      {
        asset: 'a/one',
        problem:
          'Assets read each other in a circle: "a/one" -> "a/two" -> "a/three" -> "a/one". Remove one of these reads.',
      },
      {
        asset: 'a/self',
        problem: 'Assets read each other in a circle: "a/self" -> "a/self". Remove one of these reads.',
      },
    ]);
  });

  test('all of them are told at once, each with what to do', () => {
    const other = derivedSpec('rides/else', DAYS, { 'rides/trips': same, 'rides/trip': same });
    const build = () =>
      buildGraph(
        [RIDES],
        [
          derivedSpec('rides/trip', DAYS, { 'rides/place': { kind: 'within' } }),
          { ...other, table: { ...other.table, name: 'place' } },
          derivedSpec('lonely', DAYS, {}),
        ],
      );
    expect(build).toThrow(GraphError);
    expect(build).toThrow(
      [
        '"rides/trip" is defined twice. Rename one of them.',
        '"rides/else" and "rides/place" would both fill the table rides.place. Rename one of them.',
        '"rides/else" reads "rides/trips", which is not defined. Correct its name, or export its definition.',
        '"lonely" has one part, as a pipeline\'s name has. Name it in two: "group/lonely".',
        '"lonely" reads no asset. Read one, or load it by a pipeline.',
      ].join('\n'),
    );
  });

  test('windows that do not map', () => {
    expect(findGraphProblems([RIDES], [derivedSpec('rides/daily', DAYS, { 'rides/trip': same })])).toEqual([
      {
        asset: 'rides/daily',
        problem:
          '"rides/daily" cannot read "rides/trip": it is made by the day, its input by the hour. Use the mapping "within", or the same window for both.',
      },
    ]);
  });

  test('two pipelines of one name', () => {
    expect(findGraphProblems([RIDES, pipelineSpec('rides', ['ticket'])], []).map(({ problem }) => problem)).toEqual([
      'Two pipelines are named "rides". Rename one of them.',
      '"rides/events" is defined twice. Rename one of them.',
    ]);
  });
});
