import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { check } from '../../cli/commands/check.ts';
import { ConfigurationError } from '../../config/errors.ts';
import { loadDefinitions } from '../../config/load-definitions.ts';
import { readConfig } from '../../config/read-config.ts';
import { createDatabase, services } from '../support/services.ts';

const DEFINE = join(import.meta.dirname, '../../define/index.ts');

let folder: string;
let environment: Readonly<Record<string, string>>;

beforeAll(async () => {
  const { s3, temporalAddress } = services();
  folder = await mkdtemp(join(tmpdir(), 'hourloom-check-'));
  environment = {
    DATABASE_URL: await createDatabase(),
    TEMPORAL_ADDRESS: temporalAddress,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
  };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the command over a module of definitions, the project's own where none is given. */
async function runCheck(assets?: string): Promise<{ document?: object; text?: string; error?: unknown }> {
  const said: { document?: object; text?: string; error?: unknown } = {};
  const output = {
    json: false,
    note: () => undefined,
    result: (document: object, text: string) => void Object.assign(said, { document, text }),
    progress: () => ({ advance: () => undefined, stop: () => undefined }),
  };
  const config = readConfig(environment);
  await check(
    { config, environment, output, loadDefinitions: () => loadDefinitions(assets), explain: String },
    {},
  ).catch((error: unknown) => Object.assign(said, { error }));
  return said;
}

/** A module that declares a pipeline `traffic` with a table `cars`, and what is given. */
async function writeAssets(name: string, more: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(
    file,
    `import * as v from '${import.meta.resolve('valibot')}';
     import { derived, hourly, key, pipeline, s3Files, sql, table, uuid, window } from '${DEFINE}';
     const cars = table(v.object({ id: uuid() }), ({ id }) => ({ id: key(id) }));
     const source = s3Files('s3://traffic/{yyyy}-{MM}-{dd}-{HH}.json');
     const row = v.object({ id: uuid() });
     export const traffic = pipeline('traffic', { source, window: hourly('2019-06-01T18'), tables: { cars } });
     ${more}`,
  );
  return file;
}

test('says that the project’s own definitions are right', async () => {
  expect(await runCheck()).toEqual({
    document: { ok: true, pipelines: 3, assets: 16, statements: 7, problems: [], changedText: [] },
    text: 'All definitions are right. Pipelines: 3, assets: 16, statements: 7.',
  });
});

test('names the asset whose statement is wrong, and what to do', async () => {
  const assets = await writeAssets(
    'wrong-statement.ts',
    "export const more = derived('traffic/more', { key: ['id'], row, sql: sql`select 1 as id from ${traffic.cars}` });",
  );
  const problem = 'The statement gives "id" as integer, `row` says uuid. Cast it there: (…)::uuid.';
  expect(await runCheck(assets)).toEqual({
    document: {
      ok: false,
      pipelines: 1,
      assets: 3,
      statements: 1,
      problems: [{ asset: 'traffic/more', problem }],
      changedText: [],
    },
    text: `traffic/more: ${problem}`,
    error: new ConfigurationError('Correct the definitions of traffic/more.'),
  });
});

test('takes a function as it is: its rows are held against `row` when it runs', async () => {
  const assets = await writeAssets(
    'function.ts',
    `export const more = derived('traffic/more', {
       key: ['id'], row, version: 1, reads: [traffic.cars], async *compute({ read }) { yield* read(traffic.cars); },
     });
     export const most = derived('traffic/most', { key: ['id'], row, sql: sql\`select id from \${more}\` });`,
  );
  expect(await runCheck(assets)).toEqual({
    document: { ok: true, pipelines: 1, assets: 4, statements: 1, problems: [], changedText: [] },
    text: 'All definitions are right. Pipelines: 1, assets: 4, statements: 1.',
  });
});

test('names the file whose definitions do not fit together', async () => {
  const assets = await writeAssets(
    'unknown-read.ts',
    `const transit = pipeline('transit', { source, window: hourly('2019-06-01T18'), tables: { cars } });
     export const more = derived('traffic/more', { key: ['id'], row, sql: sql\`select id from \${transit.cars}\` });`,
  );
  expect(await runCheck(assets)).toEqual({
    error: new ConfigurationError(
      `${assets}: "traffic/more" reads "transit/cars", which is not defined. Correct its name, or export its definition.`,
    ),
  });
});
