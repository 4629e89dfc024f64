import { getS3Source } from '../../model/get-s3-source.ts';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { door2door } from '../../assets/door2door/pipeline.ts';
import { sampleVehicles } from '../../assets/door2door/sample.ts';
import { findPipeline } from '../../define/index.ts';
import type { DeclaredPipeline } from '../../define/definitions.ts';
import { parseKeyPattern } from '../../model/key-pattern.ts';
import { matchKey } from '../../model/match-key.ts';
import { windowOf } from '../../model/window.ts';

const DIGEST = expect.stringMatching(/^[0-9a-f]{64}$/u);
const CODE = expect.any(Object) as object;
const HOUR = windowOf({ unit: 'hour' }, Date.parse('2019-06-01T18:00:00Z'));

function declared(): DeclaredPipeline {
  const pipeline = findPipeline(door2door);
  if (!pipeline) throw new Error('door2door is no pipeline');
  return pipeline;
}

function field(path: string, type: string, nullable = false): object {
  return { kind: 'field', path: path.split('.'), type, nullable };
}

describe('the definition of door2door', () => {
  test('reads files by the local time in their names, hour by hour', () => {
    const { tables: _, ...spec } = declared().spec;
    expect(spec).toEqual({
      name: 'door2door',
      source: {
        kind: 's3',
        bucket: 'door2door-events',
        pattern: 'data/{yyyy}-{MM}-{dd}-{HH}-{m}-{s}-events.json',
        hourOf: 'keyTime',
        clockOffsetMinutes: -180,
      },
      window: { unit: 'hour', first: Date.parse('2019-06-01T18:00:00Z') },
      settleMs: 300_000,
      latenessMs: 259_200_000,
      promiseMs: 1_200_000,
      description: 'What vehicles report, and the periods in which they operate.',
      splitBy: 'on',
      events: { asset: 'door2door/events', codeVersion: DIGEST, code: CODE },
    });
  });

  test('fills vehicle_location, where a vehicle without a location has null in its place', () => {
    expect(declared().spec.tables[0]).toEqual({
      asset: 'door2door/vehicle_location',
      schema: 'door2door',
      name: 'vehicle_location',
      parquet: true,
      columns: [
        {
          name: 'event_generated_id',
          type: 'uuid',
          nullable: false,
          value: { kind: 'hashed_uuid', of: [field('data.id', 'uuid'), field('at', 'timestamptz')] },
        },
        { name: 'vehicle_id', type: 'uuid', nullable: false, value: field('data.id', 'uuid') },
        { name: 'event_timestamp', type: 'timestamptz', nullable: false, value: field('at', 'timestamptz') },
        { name: 'event_operation', type: 'text', nullable: false, value: field('event', 'text') },
        { name: 'organization_id', type: 'text', nullable: false, value: field('organization_id', 'text') },
        {
          name: 'vehicle_latitude',
          type: 'double precision',
          nullable: true,
          value: field('data.location.lat', 'double precision', true),
        },
        {
          name: 'vehicle_longitude',
          type: 'double precision',
          nullable: true,
          value: field('data.location.lng', 'double precision', true),
        },
        {
          name: 'vehicle_location_timestamp',
          type: 'timestamptz',
          nullable: true,
          value: field('data.location.at', 'timestamptz', true),
        },
        { name: 'original_s3_file_path', type: 'text', nullable: false, value: { kind: 'line', of: 'source_key' } },
      ],
      key: ['event_generated_id'],
      splitValue: 'vehicle',
      codeVersion: DIGEST,
      code: CODE,
    });
  });

  test('fills operating_periods, whose ids are texts', () => {
    expect(declared().spec.tables[1]).toEqual({
      asset: 'door2door/operating_periods',
      schema: 'door2door',
      name: 'operating_periods',
      parquet: true,
      columns: [
        {
          name: 'event_generated_id',
          type: 'uuid',
          nullable: false,
          value: { kind: 'hashed_uuid', of: [field('data.id', 'text'), field('at', 'timestamptz')] },
        },
        { name: 'operating_period_id', type: 'text', nullable: false, value: field('data.id', 'text') },
        { name: 'event_timestamp', type: 'timestamptz', nullable: false, value: field('at', 'timestamptz') },
        { name: 'event_operation', type: 'text', nullable: false, value: field('event', 'text') },
        { name: 'organization_id', type: 'text', nullable: false, value: field('organization_id', 'text') },
        {
          name: 'operating_period_start',
          type: 'timestamptz',
          nullable: false,
          value: field('data.start', 'timestamptz'),
        },
        {
          name: 'operating_period_finish',
          type: 'timestamptz',
          nullable: false,
          value: field('data.finish', 'timestamptz'),
        },
        { name: 'original_s3_file_path', type: 'text', nullable: false, value: { kind: 'line', of: 'source_key' } },
      ],
      key: ['event_generated_id'],
      splitValue: 'operating_period',
      codeVersion: DIGEST,
      code: CODE,
    });
  });

  test('is plain data: it survives being written as JSON', () => {
    const { spec } = declared();
    expect(JSON.parse(JSON.stringify(spec))).toEqual(spec);
  });

  test('has a contract for each table', () => {
    expect(Object.keys(declared().contracts)).toEqual(['vehicle_location', 'operating_periods']);
  });

  test('quarantines what the official rules drop: an event without at, event, on or organization_id', () => {
    const contract = declared().contracts['vehicle_location'];
    if (!contract) throw new Error('vehicle_location has no contract');
    const event = {
      on: 'vehicle',
      event: 'register',
      at: '2019-06-01T18:17:04.088Z',
      organization_id: 'org-id',
      data: { id: '3a3eb23a-f22e-4fe9-8c20-f37220a81909' },
    };
    expect(v.is(contract, event)).toBe(true);
    for (const name of ['on', 'event', 'at', 'organization_id'] as const) {
      expect(v.is(contract, { ...event, [name]: null })).toBe(false);
      expect(v.is(contract, { ...event, [name]: undefined })).toBe(false);
    }
  });
});

describe('the sample of door2door', () => {
  test('gives the same files each time, and others for another hour', () => {
    const next = windowOf({ unit: 'hour' }, HOUR.end);
    expect(sampleVehicles(HOUR)).toEqual(sampleVehicles(HOUR));
    expect(sampleVehicles(next)[0]?.body).not.toEqual(sampleVehicles(HOUR)[0]?.body);
  });

  test('names its files in local time, minute and second without zeros in front', () => {
    const keys = sampleVehicles(HOUR).map(({ key }) => key);
    expect(keys.slice(0, 4)).toEqual([
      'data/2019-06-01-15-0-0-events.json',
      'data/2019-06-01-15-0-20-events.json',
      'data/2019-06-01-15-0-40-events.json',
      'data/2019-06-01-15-1-0-events.json',
    ]);
    expect(keys).toHaveLength(180);
    expect(new Set(keys).size).toBe(180);
  });

  test('names every file as the source expects it, within the window', () => {
    const source = getS3Source(declared().spec);
    const pattern = parseKeyPattern(source.pattern);
    // Midnight by the clock in the names, midnight in UTC, and a day that the two do not share.
    for (const at of ['2019-06-01T03:00:00Z', '2020-01-01T00:00:00Z', '2024-03-01T02:00:00Z']) {
      const window = windowOf({ unit: 'hour' }, Date.parse(at));
      const strays = sampleVehicles(window).filter(({ key }) => {
        const match = matchKey(pattern, key, source.clockOffsetMinutes);
        const at = match.kind === 'match' ? match.at : undefined;
        return at === undefined || at < window.start || at >= window.end;
      });
      expect(strays).toEqual([]);
    }
  });

  test('holds nothing but lines of the contract: an update each 20 s for each of 40 vehicles, and what stands around them', () => {
    const { spec, contracts } = declared();
    const kinds = new Map<string, number>();
    for (const { body } of sampleVehicles(HOUR)) {
      expect(body.endsWith('\n')).toBe(true);
      for (const line of body.slice(0, -1).split('\n')) {
        const event = JSON.parse(line) as { on: string; event: string; at: string };
        const table = spec.tables.find(({ splitValue }) => splitValue === event.on);
        const contract = contracts[table?.name ?? ''];
        const isGood = contract !== undefined && v.is(contract, event);
        const isOfHour = event.at >= '2019-06-01T18' && event.at < '2019-06-01T19';
        const kind = isGood && isOfHour ? `${event.on} ${event.event}` : line;
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      }
    }
    expect(Object.fromEntries(kinds)).toEqual({
      'operating_period create': 1,
      'vehicle register': 40,
      'vehicle update': 7_200,
      'vehicle deregister': 40,
    });
  });

  test('tells each event once: no two are of the same thing at the same time', () => {
    const events = sampleVehicles(HOUR).flatMap(({ body }) => body.trimEnd().split('\n'));
    const ids = events
      .map((line) => JSON.parse(line) as { at: string; data: { id: string } })
      .map(({ at, data }) => `${data.id} ${at}`);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
