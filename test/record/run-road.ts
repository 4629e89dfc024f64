import * as v from 'valibot';
import { hashedUuid, hourly, key, pipeline, s3Files, table, timestamp } from '../../define/index.ts';
import { findPipeline } from '../../define/pipeline.ts';
import { createRecordRoad } from '../../record/create-record-road.ts';
import type { RoadLimits, RoadResult } from '../../record/create-record-road.ts';
import type { PipelineDefinition } from '../../record/pipeline-definition.ts';
import type { Segment } from '../../record/segment.ts';
import { readCopy } from './read-copy.ts';

/** A row of quarantine as plain values. */
export interface Held {
  readonly asset: string;
  readonly sourceKey: string;
  readonly line: number;
  readonly reason: string;
  readonly detail: string;
  readonly excerpt: string;
}

export interface RoadRun {
  readonly result: RoadResult;
  /** By table, the fields of each row. */
  readonly rows: Readonly<Record<string, readonly (readonly (Buffer | null)[])[]>>;
  readonly held: readonly Held[];
  readonly chunks: Readonly<Record<string, readonly Buffer[]>>;
}

/** Carries segments along a pipeline's road and reads what comes out of it. */
export function runRoad(definition: PipelineDefinition, segments: Iterable<Segment>, limits?: RoadLimits): RoadRun {
  const chunks: Record<string, Buffer[]> = { quarantine: [] };
  const sinks = {
    rows: ({ name }: { name: string }, chunk: Buffer) => void (chunks[name] ??= []).push(chunk),
    quarantine: (chunk: Buffer) => void chunks['quarantine']!.push(chunk),
  };
  const road = createRecordRoad(definition, sinks, limits);
  for (const segment of segments) road.push(segment);
  const result = road.finish();
  const { quarantine, ...tables } = chunks;
  const rows = Object.fromEntries(Object.entries(tables).map(([name, parts]) => [name, readCopy(parts)]));
  return { result, rows, held: readCopy(quarantine!).map(readHeld), chunks };
}

/** A file as one segment. */
export function file(source: string, content: string | Buffer): Segment {
  return { source, line: 1, last: true, bytes: Buffer.from(content as string) };
}

/** The text of one field. */
export function text(field: Buffer | null | undefined): string | undefined {
  return field?.toString('utf8');
}

function readHeld([asset, sourceKey, line, reason, detail, excerpt]: readonly (Buffer | null)[]): Held {
  return {
    asset: String(asset),
    sourceKey: String(sourceKey),
    line: Number(line!.readBigInt64BE()),
    reason: String(reason),
    detail: String(detail),
    excerpt: String(excerpt),
  };
}

const Location = v.object({
  lat: v.pipe(v.number(), v.minValue(-90), v.maxValue(90)),
  lng: v.pipe(v.number(), v.minValue(-180), v.maxValue(180)),
  at: timestamp(),
});

const Event = v.object({
  on: v.literal('vehicle'),
  event: v.string(),
  at: timestamp(),
  organization_id: v.string(),
  data: v.object({ id: v.pipe(v.string(), v.minLength(1), v.maxLength(256)), location: v.nullish(Location) }),
});

/** One table of vehicles: ids are any text, and location may be absent. */
export const vehicles: PipelineDefinition = findPipeline(
  pipeline('fleet', {
    source: s3Files('s3://fleet/data/{yyyy}-{MM}-{dd}-{HH}-{m}-{s}-events.json'),
    window: hourly('2019-06-01T18'),
    splitBy: 'on',
    tables: {
      vehicle: table(Event, ({ data, at, event, organization_id }, line) => ({
        id: key(hashedUuid(data.id, at)),
        vehicle_id: data.id,
        at,
        event,
        organization_id,
        lat: data.location.lat,
        source_key: line.sourceKey,
      })),
    },
  }),
)!;

/** A record that keeps the contract of `vehicles`, as a line of JSON; `fields` replace its own. */
export function vehicleLine(id: string, fields: Readonly<Record<string, unknown>> = {}): string {
  const record = {
    on: 'vehicle',
    event: 'update',
    at: '2019-06-01T18:17:10.101Z',
    organization_id: 'org-id',
    data: { id },
  };
  return JSON.stringify({ ...record, ...fields });
}
