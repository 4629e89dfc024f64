import * as v from 'valibot';
import { hourly, key, pipeline, s3Files, table, timestamp } from '../../define/index.ts';
import type { Check, CheckedColumn, Pipeline, Timestamp } from '../../define/index.ts';

const Trip = v.object({ id: v.string(), at: timestamp(), car: v.string(), km: v.optional(v.number()) });

/** A row of its table `trips`. */
export interface Trip {
  readonly id: string;
  readonly at?: string;
  readonly car?: string;
  readonly km?: number | string | undefined;
  /** The contract does not know it. */
  readonly colour?: string;
}

export const FIRST = Date.parse('2026-03-01T00:00:00Z');
export const hourAt = (index: number): number => FIRST + index * 3_600_000;

interface TripRow {
  readonly id: string;
  readonly at: Timestamp;
  readonly car: string;
  readonly km: number | null;
}

interface TripColumns {
  readonly id: CheckedColumn<string, false>;
  readonly at: CheckedColumn<Timestamp, false>;
  readonly car: CheckedColumn<string, false>;
  readonly km: CheckedColumn<number, true>;
}

export type TripChecks = (columns: TripColumns) => readonly Check<TripRow>[];

/** A pipeline of one table `trips`, held to these checks. */
export function makeTrips(name: string, checks: TripChecks) {
  return pipeline(name, {
    source: s3Files(`s3://${name.replaceAll('_', '-')}/in/{yyyy}-{MM}-{dd}-{HH}.json`),
    window: hourly('2026-03-01T00'),
    settle: '0 seconds',
    tables: { trips: table(Trip, ({ id, at, car, km }) => ({ id: key(id), at, car, km }), { checks }) },
  }) satisfies Pipeline;
}

/** The one file of an hour. */
export function tripFile(start: number, trips: readonly Trip[]): { key: string; body: string } {
  const at = new Date(start + 60_000).toISOString();
  const lines = trips.map((trip) => JSON.stringify({ at, car: 'a', km: 1, ...trip }));
  return {
    key: `in/${new Date(start).toISOString().slice(0, 13).replace('T', '-')}.json`,
    body: `${lines.join('\n')}\n`,
  };
}
