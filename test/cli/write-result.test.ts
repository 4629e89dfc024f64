import { expect, test } from 'vitest';
import { writeResult } from '../../cli/write-result.ts';
import type { AssetKey, PipelineName } from '../../model/asset-key.ts';
import type { HourResult } from '../../model/hour-run.ts';

const RUN = { workflowId: 'month/trips-2025-04-01T00:00:00Z', pipeline: 'trips' as PipelineName };
const FILES = { files: 1, filesLoaded: 1, filesRejected: 0, filesSkipped: 0, filesEmpty: 0 };
const RESULT: HourResult = {
  outcome: 'made',
  data: 'fresh',
  counts: { ...FILES, lines: 28, good: 27, duplicate: 0, quarantined: 1 },
  rows: { ['trips/daily_summary' as AssetKey]: 27 },
};

test('a run says what it made', () => {
  expect(writeResult(RUN, RESULT).split('\n')).toEqual([
    'month/trips-2025-04-01T00:00:00Z: made, fresh. 1 file, 28 lines: 27 good, 0 duplicate, 1 quarantined.',
    'asset                rows',
    'trips/daily_summary    27',
  ]);
});

test('a file that cannot be used is no silence', () => {
  const counts = { ...RESULT.counts, filesLoaded: 0, filesRejected: 1, lines: 0, good: 0, quarantined: 0 };
  expect(writeResult(RUN, { ...RESULT, counts, rows: {} }).split('\n')).toEqual([
    'month/trips-2025-04-01T00:00:00Z: made, fresh. 1 file, 0 lines: 0 good, 0 duplicate, 0 quarantined.',
    'warning: 1 of 1 file cannot be used: hourloom quarantine list trips --files',
  ]);
});
