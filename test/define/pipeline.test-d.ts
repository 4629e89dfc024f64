import * as v from 'valibot';
import {
  csv,
  csvNumber,
  daily,
  every,
  hourly,
  httpFiles,
  jsonDocument,
  key,
  parquet,
  pipeline,
  s3Files,
  sql,
  table,
  uuid,
} from '../../define/index.ts';

const Car = v.object({ on: v.literal('car'), kind: v.literal('c'), id: uuid(), colour: v.picklist(['red', 'blue']) });
const Bus = v.object({ on: v.literal('bus'), id: uuid(), kind: v.string(), seats: v.literal(50) });
const cars = table(Car, ({ id }) => ({ id: key(id) }));
const buses = table(Bus, ({ id }) => ({ id: key(id) }));

const source = s3Files('s3://traffic/{yyyy}-{MM}-{dd}-{HH}.json', { clock: '-03:00' });
const window = hourly('2019-06-01T18');

pipeline('traffic', { source, window, splitBy: 'on', tables: { cars, buses } });
pipeline('traffic', { source, window, tables: { cars } });
pipeline('traffic', { source, window, splitBy: 'kind', tables: { cars } });

// @ts-expect-error no contract has a field of this name.
pipeline('traffic', { source, window, splitBy: 'off', tables: { cars, buses } });

// @ts-expect-error every contract has an id, but none as a literal: it chooses no table.
pipeline('traffic', { source, window, splitBy: 'id', tables: { cars, buses } });

// @ts-expect-error a pick list is no literal: it would take records of several kinds.
pipeline('traffic', { source, window, splitBy: 'colour', tables: { cars } });

// @ts-expect-error "kind" is a literal in one contract and any text in the other.
pipeline('traffic', { source, window, splitBy: 'kind', tables: { cars, buses } });

// @ts-expect-error only a text can choose a table.
pipeline('traffic', { source, window, splitBy: 'seats', tables: { buses } });

// @ts-expect-error a table is made with table(…); a contract alone has no columns.
pipeline('traffic', { source, window, tables: { cars: Car } });

// @ts-expect-error a pipeline reads something.
pipeline('traffic', { window, tables: { cars } });

// @ts-expect-error the option is called "settle".
pipeline('traffic', { source, window, settel: '5 minutes', tables: { cars } });

// @ts-expect-error a duration has a unit in words.
pipeline('traffic', { source, window, settle: '5m', tables: { cars } });

// @ts-expect-error weeks are none of its units.
pipeline('traffic', { source, window, lateness: '3 weeks', tables: { cars } });

// @ts-expect-error a bare number does not say of what.
pipeline('traffic', { source, window, promise: 20, tables: { cars } });

// @ts-expect-error the first window is said as text, as its partition is called.
hourly(new Date('2019-06-01T18:00Z'));

// @ts-expect-error a pipeline's window says which is its first one.
pipeline('traffic', { source, window: daily(), tables: { cars } });

// @ts-expect-error a table has its name from its pipeline: on its own it cannot be read.
void sql`select id from ${cars}`;

// @ts-expect-error a stretch of time is a duration.
every('quarter', '2026-01-01T00:00');

// @ts-expect-error a clock is an offset from UTC, not the name of a zone.
s3Files('s3://traffic/{yyyy}.json', { clock: 'America/Sao_Paulo' });

// @ts-expect-error the option is called "clock".
s3Files('s3://traffic/{yyyy}.json', { zone: '-03:00' });

s3Files('s3://traffic/{any}.json', { hourOf: 'lastModified' });

// @ts-expect-error LastModified is in UTC: no clock goes with it.
s3Files('s3://traffic/{any}.json', { hourOf: 'lastModified', clock: '-03:00' });

// @ts-expect-error there are two rules.
s3Files('s3://traffic/{any}.json', { hourOf: 'etag' });

s3Files('s3://traffic/{yyyy}.csv', { format: csv({ separator: ';' }) });
s3Files('s3://traffic/{any}.json', { hourOf: 'lastModified', format: jsonDocument({ records: 'data.items' }) });
httpFiles('/{yyyy}.parquet', { base: 'https://example.org', format: parquet() });

// @ts-expect-error a format is made by its function.
s3Files('s3://traffic/{yyyy}.csv', { format: 'csv' });

// @ts-expect-error a format is what its function gives, not the function.
s3Files('s3://traffic/{yyyy}.csv', { format: csv });

// @ts-expect-error one character separates cells.
csv({ separator: ', ' });

// @ts-expect-error the list is named by a path.
jsonDocument({ records: ['data', 'items'] });

// @ts-expect-error Parquet says all of itself.
parquet({ compression: 'zstd' });

// @ts-expect-error addresses tell their time: nobody knows when a document was last written.
httpFiles('/{yyyy}.csv', { hourOf: 'lastModified' });

const celsius = table(v.object({ id: uuid(), celsius: csvNumber() }), ({ id, celsius }) => ({ id: key(id), celsius }));
const written: number | undefined = celsius.row?.celsius;
// @ts-expect-error what was text in the file is a number in the row.
const unread: string | undefined = celsius.row?.celsius;
void [written, unread];
