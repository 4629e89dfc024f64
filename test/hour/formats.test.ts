import * as v from 'valibot';
import { expect, test } from 'vitest';
import {
  csv,
  csvInteger,
  csvNumber,
  hourly,
  httpFiles,
  key,
  pipeline,
  s3Files,
  table,
  timestamp,
} from '../../define/index.ts';
import { serveDocuments } from '../support/serve-documents.ts';
import { openStack } from './open-stack.ts';
import type { Stack } from './open-stack.ts';

const HOUR = Date.UTC(2026, 0, 1, 5);

const Reading = v.object({
  station: v.string(),
  at: timestamp({ zone: 'UTC' }),
  celsius: csvNumber(),
  count: v.optional(csvInteger()),
});

const readings = table(Reading, ({ station, at, celsius, count }, line) => ({
  station: key(station),
  at: key(at),
  celsius,
  count,
  file: line.sourceKey,
  line: line.number,
}));

/** What a test reads of quarantine and of the pipeline's one table. */
async function readHour({ warehouse }: Stack, schema: string): Promise<object> {
  const { sql } = warehouse;
  const rows = await sql.unsafe(
    `select station, celsius, count::int, file, line::int from ${schema}.readings order by file, line`,
  );
  const held = await sql.unsafe(
    `select source_key, line::int, reason, detail, excerpt from hourloom.quarantine where asset like '${schema}/%' order by 1, 2`,
  );
  return { rows: [...rows].map((row) => Object.values(row)), held: [...held].map((row) => Object.values(row)) };
}

test('an hour of CSV files whose headers drift: good rows are rows, bad rows and files are held back with a reason', async () => {
  const stack = await openStack(
    pipeline('csv_files', {
      source: s3Files('s3://csv-files/{yyyy}-{MM}-{dd}-{HH}-{m}.csv', { format: csv() }),
      window: hourly('2026-01-01T00'),
      tables: { readings },
    }),
  );
  try {
    await stack.feed([
      { key: '2026-01-01-05-1.csv', body: 'station,at,celsius\nA,2026-01-01 05:00:00,-1.5\nB,2026-01-01 05:00:00\n' },
      {
        key: '2026-01-01-05-2.csv',
        body: 'count,celsius,at,station\n7,2,2026-01-01 05:01:00,A\n,x,2026-01-01 05:01:00,B\n',
      },
      { key: '2026-01-01-05-3.csv', body: 'station,at,celsius\nC,2026-01-01 05:00:00,1\n"D,' },
      { key: '2026-01-01-05-4.csv', body: 'station,at,celsius\n' },
    ]);
    expect(await stack.run(HOUR)).toMatchObject({
      outcome: 'made',
      counts: {
        files: 4,
        filesLoaded: 2,
        filesRejected: 1,
        filesEmpty: 1,
        lines: 4,
        good: 2,
        duplicate: 0,
        quarantined: 2,
      },
    });
    expect(await readHour(stack, 'csv_files')).toEqual({
      rows: [
        ['A', -1.5, null, '2026-01-01-05-1.csv', 1],
        ['A', 2, 7, '2026-01-01-05-2.csv', 1],
      ],
      held: [
        [
          '2026-01-01-05-1.csv',
          2,
          'column_count',
          'the row has 2 cells, and the header names another number',
          '["B","2026-01-01 05:00:00"]',
        ],
        [
          '2026-01-01-05-2.csv',
          2,
          'schema',
          'celsius: expected the text of a number, received "x"',
          '{"celsius":"x","at":"2026-01-01 05:01:00","station":"B"}',
        ],
        ['2026-01-01-05-3.csv', 0, 'csv', 'it ends within quotes: it is cut short, or a quote is missing', ''],
      ],
    });
    expect(await stack.run(HOUR)).toMatchObject({ outcome: 'unchanged' });
  } finally {
    await stack.close();
  }
});

test('an hour of documents: what is not there yet makes an empty hour, and the next run finds what came and what changed', async () => {
  const server = await serveDocuments();
  const stack = await openStack(
    pipeline('http_files', {
      source: httpFiles('/exports/{yyyy}/{MM}/{dd}/{HH}.csv', { base: server.base, format: csv({ separator: ';' }) }),
      window: hourly('2026-01-01T00'),
      tables: { readings },
    }),
  );
  try {
    expect(await stack.run(HOUR)).toMatchObject({ outcome: 'made', data: 'empty', counts: { files: 0, lines: 0 } });

    server.put('/exports/2026/01/01/05.csv', 'station;at;celsius\nA;2026-01-01 05:00:00;1\n');
    expect(await stack.run(HOUR)).toMatchObject({ outcome: 'made', data: 'fresh', counts: { files: 1, good: 1 } });
    expect(await stack.run(HOUR)).toMatchObject({ outcome: 'unchanged' });

    server.put('/exports/2026/01/01/05.csv', 'station;at;celsius\nA;2026-01-01 05:00:00;2\n');
    server.changeBetweenListingAndReading(
      '/exports/2026/01/01/05.csv',
      'station;at;celsius\nB;2026-01-01 05:00:00;3\n',
    );
    expect(await stack.run(HOUR)).toMatchObject({ outcome: 'made', counts: { files: 1, good: 1 } });
    expect(await readHour(stack, 'http_files')).toEqual({
      rows: [['B', 3, null, '/exports/2026/01/01/05.csv', 1]],
      held: [],
    });
  } finally {
    await stack.close();
  }
});
