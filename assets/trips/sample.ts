import type { SampleFile, Window } from '../../define/index.ts';
import { writeParquet } from './write-parquet.ts';

const TRIPS_A_DAY = 40;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/**
 * A month of a small taxi fleet, with the habits of the real files: fares given back as negative ones, a number of
 * passengers that nobody entered, an impossible distance, a drop-off before its pickup, and trips of other months and
 * years. The same window always gives the same file.
 */
export function sampleTrips({ start, end }: Window): readonly SampleFile[] {
  const random = randomFrom(start / DAY_MS);
  const trips = { pickup: [0], dropoff: [0], passengers: [1] as (number | null)[], distance: [0], fare: [0] };
  for (const column of Object.values(trips)) column.length = 0;
  const add = (at: number, number: number): void => {
    const minutes = 3 + Math.floor(random() * 40);
    const fare = Math.round((3 + minutes * 0.9) * 10) / 10;
    trips.pickup.push(at);
    trips.dropoff.push(at + (number % 997 === 3 ? -minutes : minutes) * MINUTE_MS);
    trips.passengers.push(random() < 0.2 ? null : 1 + Math.floor(random() * 4));
    trips.distance.push(number === 7 ? 260_000 : Math.round(minutes * 25) / 100);
    trips.fare.push(random() < 0.03 ? -fare : fare);
  };

  let number = 0;
  for (let day = start; day < end; day += DAY_MS) {
    for (let trip = 0; trip < TRIPS_A_DAY; trip += 1) add(day + Math.floor(random() * DAY_MS), (number += 1));
  }
  add(start - MINUTE_MS, (number += 1));
  add(end, (number += 1));
  add(start - 365 * DAY_MS, (number += 1));
  const body = writeParquet([
    { name: 'tpep_pickup_datetime', type: 'timestamp', values: trips.pickup },
    { name: 'tpep_dropoff_datetime', type: 'timestamp', values: trips.dropoff },
    { name: 'passenger_count', type: 'double', values: trips.passengers },
    { name: 'trip_distance', type: 'double', values: trips.distance },
    { name: 'fare_amount', type: 'double', values: trips.fare },
  ]);
  return [{ key: `yellow_tripdata_${new Date(start).toISOString().slice(0, 7)}.parquet`, body }];
}

/** A small generator of repeatable numbers in [0, 1): a linear congruence modulo 2^32. */
function randomFrom(seed: number): () => number {
  let state = Math.imul(seed, 2_654_435_761) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}
