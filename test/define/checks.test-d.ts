import * as v from 'valibot';
import {
  blocking,
  derived,
  eventTime,
  functionCheck,
  hourly,
  key,
  nullRate,
  pipeline,
  rowCount,
  rows,
  s3Files,
  sql,
  sqlCheck,
  table,
  timestamp,
  unique,
} from '../../define/index.ts';

const Trip = v.object({ id: v.string(), at: timestamp(), data: v.optional(v.object({ km: v.number() })) });
const columns = { id: v.string(), at: timestamp(), km: v.nullable(v.number()) };

const trips = table(Trip, ({ id, at, data }) => ({ id: key(id), at, km: data.km }), {
  checks: ({ id, at, km }) => [
    blocking(rowCount({ min: 1 })),
    nullRate(km, { max: 0.1 }),
    unique(id, at),
    eventTime(at, { within: '1 hour' }),
    sqlCheck('near', sql`select id from ${rows} where km > 1000`),
    blocking(
      functionCheck('plausible', {
        version: 1,
        async check({ rows }) {
          let longest = 0;
          for await (const { km } of rows) longest = Math.max(longest, km ?? 0);
          return { passed: longest < 100, value: longest };
        },
      }),
    ),
    functionCheck('plausible', {
      version: 1,
      async check({ rows }) {
        for await (const { km } of rows) {
          // @ts-expect-error an optional field can be null.
          km.toFixed();
          // @ts-expect-error the column is a number.
          km?.trim();
        }
        return { passed: true };
      },
    }),
  ],
});

const fleet = pipeline('fleet', {
  source: s3Files('s3://fleet/{yyyy}-{MM}-{dd}-{HH}.json'),
  window: hourly('2026-01-01T00'),
  tables: { trips },
});

table(Trip, ({ id }) => ({ id: key(id) }), {
  // @ts-expect-error there is no such column, though the contract has a field of the name.
  checks: ({ data }) => [nullRate(data, { max: 0.1 })],
});

table(Trip, ({ id }) => ({ id: key(id) }), {
  // @ts-expect-error a share has a bound.
  checks: ({ id }) => [nullRate(id)],
});

table(Trip, ({ id, at }) => ({ id: key(id), at }), {
  // @ts-expect-error the column holds no time.
  checks: ({ id }) => [eventTime(id, { within: '1 hour' })],
});

table(Trip, ({ id, at }) => ({ id: key(id), at }), {
  // @ts-expect-error a duration has a unit in words.
  checks: ({ at }) => [eventTime(at, { within: 3_600 })],
});

table(Trip, ({ id }) => ({ id: key(id) }), {
  // @ts-expect-error one of these columns is not there.
  checks: ({ id, at }) => [blocking(unique(id, at))],
});

table(Trip, ({ id }) => ({ id: key(id) }), {
  // @ts-expect-error a function has a version.
  checks: () => [functionCheck('plausible', { check: () => ({ passed: true }) })],
});

table(Trip, ({ id }) => ({ id: key(id) }), {
  // @ts-expect-error a function says whether rows pass.
  checks: () => [functionCheck('plausible', { version: 1, check: () => true })],
});

derived('fleet/far_trips', {
  key: ['id'],
  row: v.object(columns),
  sql: sql`select id, at, km from ${fleet.trips}`,
  checks: ({ at, km }) => [
    nullRate(km, { max: 0.1 }),
    blocking(unique(at)),
    sqlCheck('near', sql`select from ${rows}`),
  ],
});

derived('fleet/far_trips', {
  key: ['id'],
  row: v.object(columns),
  sql: sql`select id, at, km from ${fleet.trips}`,
  // @ts-expect-error the row has no such column.
  checks: ({ distance }) => [nullRate(distance, { max: 0.1 })],
});
