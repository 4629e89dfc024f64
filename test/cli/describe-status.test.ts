import { expect, test } from 'vitest';
import * as assets from '../../assets/index.ts';
import { describeStatus } from '../../cli/describe-status.ts';
import type { StatusFacts } from '../../cli/gather-status.ts';
import { writeStatus } from '../../cli/write-status.ts';
import { collectDefinitions } from '../../define/definitions.ts';
import type { AssetKey, PipelineName } from '../../model/asset-key.ts';
import type { Instant } from '../../model/window.ts';

const definitions = collectDefinitions('assets', assets);
const NOW: Instant = Date.parse('2020-01-02T00:30:00Z');
const HOUR: Instant = Date.parse('2020-01-02T00:00:00Z');
const NOTHING: StatusFacts = {
  now: NOW,
  summaries: [],
  healths: new Map(),
  runs: [],
  failures: [],
  checks: [],
  surveys: new Map(),
  alerts: undefined,
  erasures: { open: 0, due: 0, firstDueAt: undefined },
};

function rowsOf(facts: Partial<StatusFacts>): readonly string[] {
  return writeStatus(describeStatus(definitions, { ...NOTHING, ...facts })).split('\n');
}

test('every declared asset is there, made or not, and nothing else where nothing else is known', () => {
  const { assets: described, ...rest } = describeStatus(definitions, NOTHING);
  expect(described).toHaveLength(rowsOf({}).length - 1);
  expect(described[0]).toEqual({
    ...{ asset: 'door2door/events', made: 0, empty: 0, rows: 0, quarantined: 0, newest: null },
    health: { state: 'unknown', why: 'Nobody looked.', partition: null },
  });
  const erasures = { open: 0, due: 0, firstDueAt: null };
  expect(rest).toEqual({ alerts: null, runs: [], failures: [], sources: [], erasures, checks: [] });
});

test('records that rules over all hours take out of sight are held back, and are no rows', () => {
  const made = { made: 2, empty: 0, rows: 20, quarantined: 1, ruledOut: 4, newest: HOUR };
  const { assets: described } = describeStatus(definitions, {
    ...NOTHING,
    summaries: [
      { ...made, asset: 'retail/transactions' as AssetKey },
      { ...made, asset: 'retail/purchases' as AssetKey },
    ],
  });
  expect(described.filter(({ made: count }) => count > 0)).toMatchObject([
    { asset: 'retail/transactions', rows: 16, quarantined: 5, newest: '2020-01-02T00' },
    // How many rows of a child table the four records have nobody counts.
    { asset: 'retail/purchases', rows: 20, quarantined: 1 },
  ]);
});

test('windows are named as their pipeline names them, and to the second where it is declared no more', () => {
  const run = (pipeline: string, start: Instant) => ({
    partition: { pipeline: pipeline as PipelineName, start },
    workflowId: `hour/${pipeline}`,
    runId: 'r',
    startedAt: new Date(start),
  });
  const failure = { reason: 'The disk is full.', retryable: true, attempts: 1, failedAt: NOW };
  const text = rowsOf({
    runs: [run('retail', HOUR), run('retail', HOUR - 3_600_000 * 2), run('gone', HOUR)],
    failures: [{ ...failure, partition: { pipeline: 'trips' as PipelineName, start: Date.parse('2025-02-01') } }],
  });
  expect(text.slice(text.indexOf('') + 1)).toEqual([
    'open run                  attempt',
    'retail 2020-01-02T00      waiting',
    'retail 2020-01-01T22      running',
    'gone 2020-01-02T00:00:00  running',
    '',
    'failed         why',
    'trips 2025-02  The disk is full.',
  ]);
});
