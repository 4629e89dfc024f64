import * as v from 'valibot';
import { expect, test } from 'vitest';
import { findPipeline, hourly, daily, hashedUuid, key, money, pipeline, s3Files, table } from '../../define/index.ts';
import { timestamp, uuid } from '../../define/index.ts';
import type { WindowSpec } from '../../model/window.ts';
import { externalTableStatements } from '../../record/external-table.ts';
import type { ExternalTable } from '../../record/external-table.ts';

const Reading = v.object({
  id: uuid(),
  at: timestamp(),
  place: v.string(),
  degrees: v.nullable(v.number()),
  count: v.pipe(v.number(), v.integer()),
  works: v.boolean(),
  paid: money({ precision: 12, scale: 2 }),
});

function describeReadings(window: WindowSpec): ExternalTable {
  const declared = pipeline('weather', {
    source: s3Files('s3://weather/{yyyy}/{MM}/{dd}/{HH}/readings.json'),
    window,
    tables: {
      readings: table(Reading, ({ id, at, ...rest }) => ({ reading_id: key(hashedUuid(id, at)), at, ...rest })),
    },
    parquet: true,
  });
  return { table: findPipeline(declared)!.spec.tables[0]!, window, bucket: 'our-lake' };
}

// Read what changed in these before they are written anew: somebody has run them.
test.each(['athena', 'redshift', 'duckdb'] as const)('%s reads hours', async (dialect) => {
  const statements = externalTableStatements(dialect, describeReadings(hourly('2026-01-01T00')));
  await expect(`${statements.join(';\n\n')};\n`).toMatchFileSnapshot(`golden/${dialect}.sql`);
});

test('days have no folder for the hour', () => {
  const [, statement] = externalTableStatements('athena', describeReadings(daily('2026-01-01')));
  expect(statement).toContain('partitioned by (\n  `year` int,\n  `month` int,\n  `day` int\n)\n');
  expect(statement).toContain("readings/year=${year}/month=${month}/day=${day}/'\n)");
});
