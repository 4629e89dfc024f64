import { pipelineMark } from '../../define/pipeline.ts';
import type { Pipeline } from '../../define/index.ts';
import { placeFiles } from '../../define/place-files.ts';
import { trips } from '../../assets/trips/pipeline.ts';
import { definitionOf } from '../hour/open-stack.ts';

/** The pipeline with its files behind addresses, as configuration places it. */
export function placeTrips(base: string): Pipeline {
  const placed = definitionOf(trips);
  const source = placeFiles(placed.spec, base);
  if (!source) throw new Error('The files of trips cannot be placed.');
  const { [pipelineMark]: declared } = trips;
  return { ...trips, [pipelineMark]: { ...declared, spec: { ...placed.spec, source } } };
}

/** One trip, in the types of the files of early years; each column can be said otherwise. */
export function tripRow(columns: Readonly<Record<string, string>> = {}): string {
  const all: Readonly<Record<string, string>> = {
    VendorID: '2::integer',
    tpep_pickup_datetime: "timestamp '2025-02-03 10:00:00'",
    tpep_dropoff_datetime: "timestamp '2025-02-03 10:10:00'",
    passenger_count: '1::bigint',
    trip_distance: '2.5::double',
    fare_amount: '10.5::double',
    Airport_fee: '0::double',
    ...columns,
  };
  return `select ${Object.entries(all)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${value} as "${name}"`)
    .join(', ')}`;
}
