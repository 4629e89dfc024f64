import { expect, test } from 'vitest';
import { addSeen, emptyTally, isSurveyDue, isSurveyed, MAX_STRAYS } from '../../model/survey.ts';
import type { Survey } from '../../model/survey.ts';
import { utc } from './specs.ts';

const stray = (number: number) => ({ kind: 'pattern' as const, key: `in/${number}`, size: 1, writtenAt: number });

test('all are counted, and the hundred last written are kept, the newest first', () => {
  const numbers = Array.from({ length: 250 }, (_, number) => (number * 37) % 250);
  const first = addSeen(emptyTally(), 200, numbers.slice(0, 120).map(stray));
  const { objects, strays } = addSeen(first, 300, numbers.slice(120).map(stray));
  expect(objects).toBe(500);
  expect(strays.pattern.count).toBe(250);
  expect(strays.pattern.latest.map(({ writtenAt }) => writtenAt)).toEqual(
    Array.from({ length: MAX_STRAYS }, (_, place) => 249 - place),
  );
  expect(strays.key).toEqual({ count: 0, latest: [] });
});

test('a survey is due when there was none, when one is under way, and a day after the last began', () => {
  const now = utc('2026-02-02T12:00:00Z');
  const survey: Survey = { beganAt: now - 86_399_999, notedAt: now - 1, after: undefined, tally: emptyTally() };
  expect(isSurveyDue({ whole: undefined, open: undefined }, now)).toBe(true);
  expect(isSurveyDue({ whole: survey, open: undefined }, now)).toBe(false);
  expect(isSurveyDue({ whole: survey, open: undefined }, now + 1)).toBe(true);
  expect(isSurveyDue({ whole: survey, open: { ...survey, after: 'in/a' } }, now)).toBe(true);
});

test('only where names tell the time can an object belong to no window', () => {
  const source = { kind: 's3', bucket: 'b', pattern: '{any}', clockOffsetMinutes: 0 } as const;
  expect(isSurveyed({ ...source, hourOf: 'keyTime' })).toBe(true);
  expect(isSurveyed({ ...source, hourOf: 'lastModified' })).toBe(false);
  expect(isSurveyed({ kind: 'code', version: 1, limit: undefined, timeoutMs: 600_000 })).toBe(false);
});
