import { describe, expect, test } from 'vitest';
import { awaitedDocuments, explainAwaited } from '../../model/awaited-documents.ts';
import { timeOf } from '../../model/index-ranges.ts';
import type { HttpSourceSpec, PipelineSpec } from '../../model/pipeline-spec.ts';
import { watchedWindows } from '../../model/watched-windows.ts';
import { DAYS, HOURS, MONTHS, pipelineSpec, utc } from './specs.ts';

const DAY_MS = 86_400_000;

function published(pattern: string, window: PipelineSpec['window'], latenessMs = 3 * DAY_MS): PipelineSpec {
  const source: HttpSourceSpec = { kind: 'http', pattern, base: undefined, clockOffsetMinutes: 0 };
  return { ...pipelineSpec('exports', ['rows'], window), source, latenessMs };
}

const month = published('/yellow_tripdata_{yyyy}-{MM}.parquet', MONTHS, 120 * DAY_MS);

describe('a window waits for', () => {
  test.each([
    [
      month,
      '2026-10-01T00:00:00Z',
      'yellow_tripdata_2026-10.parquet is not published yet; it is asked for until 2027-03-01T00:00:00Z.',
    ],
    [
      published('/{yyyy}/{MM}/{dd}/{HH}.csv', HOURS),
      '2026-10-01T05:00:00Z',
      '2026/10/01/05.csv is not published yet; it is asked for until 2026-10-04T06:00:00Z.',
    ],
    [
      published('/{yyyy}/{MM}/{dd}/{HH}.csv', DAYS),
      '2026-10-01T00:00:00Z',
      '24 documents, 2026/10/01/00.csv to 2026/10/01/23.csv, are not published yet; they are asked for until 2026-10-05T00:00:00Z.',
    ],
  ])('%#: its documents, and says which and until when', (spec, start, said) => {
    const awaited = awaitedDocuments(spec, utc(start), utc(start) + 1);
    expect(awaited && explainAwaited(awaited)).toBe(said);
  });

  test('nothing once its lateness has passed', () => {
    const [start, until] = [utc('2026-10-01T00:00:00Z'), utc('2027-03-01T00:00:00Z')];
    expect(awaitedDocuments(month, start, until - 1)?.until).toBe(until);
    expect(awaitedDocuments(month, start, until)).toBeUndefined();
  });

  test('nothing of a bucket, and nothing that has no address', () => {
    const [start, now] = [utc('2026-10-01T05:00:00Z'), utc('2026-10-01T07:00:00Z')];
    expect(awaitedDocuments(pipelineSpec('exports', ['rows']), start, now)).toBeUndefined();
    expect(awaitedDocuments(published('/{yyyy}{MM}{dd}.csv', HOURS), start, now)).toBeUndefined();
  });
});

test('reconcile asks for a window for exactly as long as it waits', () => {
  const spec = published('/{yyyy}/{MM}/{dd}/{HH}.csv', HOURS);
  const start = utc('2026-10-01T05:00:00Z');
  const until = awaitedDocuments(spec, start, start)!.until;
  const firstAsked = (now: number) => timeOf(HOURS, watchedWindows(spec, { promisedFrom: now, now }).listed).start;
  expect(firstAsked(until - 1)).toBe(start);
  expect(firstAsked(until)).toBe(start + 3_600_000);
});
