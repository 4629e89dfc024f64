import type { SampleFile, Window } from '../../define/index.ts';

const VEHICLES = 40;
const FILE_EVERY_MS = 20_000;
/** Names tell a clock that is three hours behind the events inside. */
const NAME_CLOCK_MS = -3 * 3_600_000;
const BERLIN = { lat: 52.52, lng: 13.4 };

/**
 * An hour of a small fleet in Berlin, with the habits of the real feed: a file each few seconds whose name is in local
 * time without leading zeros for minute and second, vehicles that register without a location, operating periods among
 * them. The same window always gives the same files.
 */
export function sampleVehicles({ start, end }: Window): readonly SampleFile<string>[] {
  const random = randomFrom(start / 3_600_000);
  const fleet = Array.from({ length: VEHICLES }, () => ({
    id: randomUuid(random),
    lat: BERLIN.lat + (random() - 0.5) / 5,
    lng: BERLIN.lng + (random() - 0.5) / 3,
  }));
  const files: SampleFile<string>[] = [];

  for (let at = start; at < end; at += FILE_EVERY_MS) {
    const events: object[] = [];
    if (at === start) {
      const period = { id: `op_${start / 3_600_000}`, start: iso(start + 60_000), finish: iso(end - 60_000) };
      events.push({
        event: 'create',
        on: 'operating_period',
        at: iso(at + 87),
        data: period,
        organization_id: 'org-id',
      });
      events.push(...fleet.map(({ id }, index) => vehicleEvent('register', at + 100 + index, { id })));
    }
    for (const [index, vehicle] of fleet.entries()) {
      vehicle.lat += (random() - 0.5) / 2_000;
      vehicle.lng += (random() - 0.5) / 1_200;
      const moment = at + 1_000 + index;
      const location = { lat: round(vehicle.lat), lng: round(vehicle.lng), at: iso(moment) };
      events.push(vehicleEvent('update', moment, { id: vehicle.id, location }));
    }
    if (at + FILE_EVERY_MS >= end)
      events.push(...fleet.map(({ id }, index) => vehicleEvent('deregister', at + 9_000 + index, { id })));
    files.push({ key: fileKey(at), body: `${events.map((event) => JSON.stringify(event)).join('\n')}\n` });
  }
  return files;
}

function vehicleEvent(event: 'register' | 'update' | 'deregister', at: number, data: object): object {
  return { event, on: 'vehicle', at: iso(at), data, organization_id: 'org-id' };
}

function fileKey(at: number): string {
  const local = new Date(at + NAME_CLOCK_MS);
  const hour = local.toISOString().slice(0, 13).replace('T', '-');
  return `data/${hour}-${local.getUTCMinutes()}-${local.getUTCSeconds()}-events.json`;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

function round(degrees: number): number {
  return Math.round(degrees * 100_000) / 100_000;
}

function randomUuid(random: () => number): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** A small generator of repeatable numbers in [0, 1): a linear congruence modulo 2^32. */
function randomFrom(seed: number): () => number {
  let state = Math.imul(seed, 2_654_435_761) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}
