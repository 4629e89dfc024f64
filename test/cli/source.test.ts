import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { addSeen, emptyTally } from '../../model/survey.ts';
import { MIGRATIONS_FOLDER, migrateUp } from '../../warehouse/migrate.ts';
import { noteSurvey } from '../../warehouse/note-survey.ts';
import { openWarehouse } from '../../warehouse/open-warehouse.ts';
import { pipelineName, utc } from '../model/specs.ts';
import { createDatabase } from '../support/services.ts';
import { documentOf, hourloom } from './hourloom.ts';

/** Nothing here starts a machine, so this folder is never made. */
const FOLDER = join(tmpdir(), 'hourloom-never-made');
const FROM = 's3://door2door-events/data/{yyyy}-{MM}-{dd}-{HH}-{m}-{s}-events.json';
const BEGAN = utc('2026-02-01T00:00:00Z');

let env: Record<string, string>;
beforeAll(async () => {
  env = { HOURLOOM_FOLDER: FOLDER, DATABASE_URL: await createDatabase() };
});

test('source says that nobody looked yet, and then what belongs to no window', async () => {
  const warehouse = openWarehouse({ url: env['DATABASE_URL'] ?? '', maxConnections: 2, applicationName: 'test' });
  await migrateUp(warehouse, MIGRATIONS_FOLDER);
  expect((await hourloom(['source', 'door2door'], env)).stdout).toBe(
    `door2door reads ${FROM}.\nIt was not surveyed yet: reconcile does that once a day, while the pipeline is not paused.\n`,
  );

  const tally = addSeen(emptyTally(), 4, [
    { kind: 'pattern', key: 'data/notes\u202e.txt', size: 12, writtenAt: BEGAN },
    { kind: 'key', key: 'data/2019-06-01-24-0-0-events.json', size: 3, writtenAt: BEGAN },
  ]);
  await noteSurvey(warehouse, pipelineName('door2door'), { beganAt: BEGAN, after: undefined, tally });
  await noteSurvey(warehouse, pipelineName('door2door'), { beganAt: BEGAN + 86_400_000, after: 'data/a', tally });
  await warehouse.close();
  expect((await hourloom(['source', 'door2door'], env)).stdout.replaceAll(/ {2,}/gu, ' | ')).toBe(
    [
      `door2door reads ${FROM}.`,
      'Of 4 objects at 2026-02-01T00:00:00.000Z, 2 belong to no window.',
      'A survey is under way: 4 objects so far.',
      '',
      '1 rejected: a name that cannot be right | bytes | written at',
      ' | data/2019-06-01-24-0-0-events.json | 3 | 2026-02-01T00:00:00.000Z',
      '',
      '1 skipped: not named like its files | bytes | written at',
      ' | data/notes\\u{202e}.txt | 12 | 2026-02-01T00:00:00.000Z',
      '',
    ].join('\n'),
  );
  expect(documentOf(await hourloom(['source', 'door2door', '--json'], env))).toMatchObject({
    pipeline: 'door2door',
    surveyed: true,
    survey: { objects: 4, ofNoWindow: 2, kinds: [{ kind: 'key', outcome: 'rejected', count: 1 }, { kind: 'pattern' }] },
    underWay: { objects: 4 },
  });
});
