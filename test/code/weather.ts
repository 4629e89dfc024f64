import * as v from 'valibot';
import { asset, hourly, key, table, timestamp } from '../../define/index.ts';

const Observation = v.object({ station: v.string(), at: timestamp(), celsius: v.number() });

/** The example of docs/sources.md, with the address of a service that a test can start. */
export function makeWeather(base: string, perSecond: number) {
  return asset('weather/observations', {
    window: hourly('2026-01-01T00'),
    settle: '10 minutes',
    promise: '20 minutes',
    version: 1,
    limit: { pool: 'weather.example', perSecond },
    table: table(Observation, ({ station, at, celsius }) => ({ station: key(station), at: key(at), celsius })),
    async *make({ window, secret, fetch, log, meta }) {
      const headers = { authorization: `Bearer ${secret('WEATHER')}` };
      const hour = new Date(window.start).toISOString();
      const stations = (await (await fetch(`${base}/stations`, { headers })).json()) as readonly string[];
      const answers = await Promise.all(
        stations.map(async (station) => {
          const answer = await fetch(`${base}/stations/${station}/observations?hour=${hour}`, { headers });
          if (answer.ok) return (await answer.json()) as readonly object[];
          log('a station is left out', { station, status: answer.status, said: await answer.text() });
          return undefined;
        }),
      );
      meta({ stations: stations.length, missing: answers.filter((rows) => !rows).length });
      for (const rows of answers) if (rows) yield* rows;
    },
  });
}
