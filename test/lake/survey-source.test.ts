import { expect, test } from 'vitest';
import { putObject } from '../../lake/put-object.ts';
import { surveySource } from '../../lake/survey-source.ts';
import type { S3SourceSpec } from '../../model/pipeline-spec.ts';
import { emptyTally, STRAY_KINDS } from '../../model/survey.ts';
import type { SurveyTally } from '../../model/survey.ts';
import { pipelineSpec } from '../model/specs.ts';
import { createBucket } from '../support/services.ts';
import { openTestLake } from './open-test-lake.ts';

/** From 2019-06-01T18. */
const spec = pipelineSpec('surveyed', ['readings']);

const KEYS = [
  'elsewhere/2019-06-01-18.json',
  'in/.keep',
  'in/2019-06-01-17.json',
  'in/2019-06-01-18.json',
  'in/2019-06-01-18.json.tmp',
  'in/2019-06-01-24.json',
  'in/2019-06-02-00.json',
  'in/2100-01-01-00.json',
  'in/a\u202e.json',
];

test('objects that belong to no window are told apart, and those that do are counted only', async () => {
  const { lake, source } = await put('in/{yyyy}-{MM}-{dd}-{HH}.json');
  const { after, tally } = await survey(lake, source, undefined, 100);
  expect(after).toBeUndefined();
  expect(show(tally)).toEqual({
    objects: 8,
    key: ['in/2019-06-01-24.json', 'in/a\u202e.json'],
    pattern: ['in/.keep', 'in/2019-06-01-18.json.tmp'],
    before_first: ['in/2019-06-01-17.json'],
    marker: [],
  });
  expect(tally.strays.pattern.latest[0]).toMatchObject({ size: 1, writtenAt: expect.any(Number) as number });
});

test.each([1, 3, 8])('in parts of %i it sees the same', async (limit) => {
  const { lake, source } = await put('in/{yyyy}-{MM}-{dd}-{HH}.json');
  const whole = await survey(lake, source, undefined, 100);
  let part = await survey(lake, source, undefined, limit);
  for (let parts = 1; part.after !== undefined; parts += 1) {
    expect(part.tally.objects).toBe(parts * limit);
    part = await surveySource(lake, spec, source, { ...part, limit });
  }
  expect(show(part.tally)).toEqual(show(whole.tally));
});

test('it goes on in the prefix where it left off, and into the next', async () => {
  const { lake, source } = await put('{in|elsewhere}/{yyyy}-{MM}-{dd}-{HH}.json');
  const { after, tally } = await survey(lake, source, undefined, 4);
  expect({ after, objects: tally.objects }).toEqual({ after: 'in/2019-06-01-18.json', objects: 4 });
  const rest = await surveySource(lake, spec, source, { after, tally, limit: 100 });
  expect({ after: rest.after, objects: rest.tally.objects }).toEqual({ after: undefined, objects: 9 });
});

async function put(pattern: string) {
  const lake = await openTestLake();
  const bucket = await createBucket('source');
  for (const key of KEYS) await putObject(lake, { bucket, key, body: Buffer.from('x') });
  const source: S3SourceSpec = { kind: 's3', bucket, pattern, hourOf: 'keyTime', clockOffsetMinutes: 0 };
  return { lake, source };
}

function survey(
  lake: Awaited<ReturnType<typeof put>>['lake'],
  source: S3SourceSpec,
  after: string | undefined,
  limit: number,
) {
  return surveySource(lake, spec, source, { after, tally: emptyTally(), limit });
}

function show({ objects, strays }: SurveyTally): object {
  const keys = STRAY_KINDS.map((kind) => {
    expect(strays[kind].count).toBe(strays[kind].latest.length);
    return [kind, strays[kind].latest.map(({ key }) => key).sort()] as const;
  });
  return { objects, ...Object.fromEntries(keys) };
}
