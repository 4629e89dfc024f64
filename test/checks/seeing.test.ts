import { afterAll, beforeAll, expect, test } from 'vitest';
import { assets } from '../../cli/commands/assets.ts';
import { checks } from '../../cli/commands/checks.ts';
import { statusOf } from '../../cli/commands/status-of.ts';
import { why } from '../../cli/commands/why.ts';
import type { Command } from '../../cli/command.ts';
import { readConfig } from '../../config/read-config.ts';
import { collectDefinitions } from '../../define/definitions.ts';
import { blocking, rowCount, rows, sql, sqlCheck } from '../../define/index.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { services } from '../support/services.ts';
import { hourAt, makeTrips, tripFile } from './checked-pipeline.ts';

const trips = makeTrips('seeing_test', () => [
  blocking(rowCount({ min: 2 })),
  sqlCheck('no_far_trips', sql`select count(*) from ${rows} where km > 1000`),
]);
const TRIPS = 'seeing_test/trips';

let stack: Stack;
beforeAll(async () => {
  stack = await openStack(trips);
  await stack.feed([
    tripFile(hourAt(0), [{ id: 'a' }, { id: 'b', km: 2_000 }]),
    tripFile(hourAt(1), [{ id: 'c' }, { id: 'd' }]),
  ]);
  await stack.run(hourAt(0));
  await stack.run(hourAt(1));
  await stack.feed([tripFile(hourAt(1), [{ id: 'e' }])]);
  await stack.run(hourAt(1)).catch(() => undefined);
});
afterAll(() => stack.close());

/** What a command says, to programs and to people. */
async function ask<Options>(command: Command<Options>, options: Options): Promise<{ document: object; text: string }> {
  const said: { document: object; text: string }[] = [];
  const environment = {
    DATABASE_URL: stack.databaseUrl,
    TEMPORAL_ADDRESS: services().temporalAddress,
    AWS_ENDPOINT_URL_S3: services().s3.endpoint,
  };
  const output = {
    json: false,
    note: () => undefined,
    result: (document: object, text: string) => void said.push({ document, text }),
    progress: () => ({ advance: () => undefined, stop: () => undefined }),
  };
  const definitions = collectDefinitions('the test', { trips });
  const context = { config: readConfig(environment), environment, output, explain: String };
  await command({ ...context, loadDefinitions: () => Promise.resolve(definitions) }, options);
  const [first] = said;
  if (!first) throw new Error('The command said nothing.');
  return first;
}

const at = expect.any(String) as string;
const refused = {
  ...{ partition: '2026-03-01T01', name: 'row_count', blocking: true, passed: false, value: 1 },
  ...{ detail: '1 row; at least 2 expected', visible: false, checkedAt: at },
};
const warned = {
  ...{ partition: '2026-03-01T00', name: 'no_far_trips', blocking: false, passed: false, value: 1 },
  ...{ detail: '1 row offends', visible: true, checkedAt: at },
};

test('checks lists what each said, window by window', async () => {
  const { document, text } = await ask(checks, { asset: TRIPS, to: '2026-03-01T02' });
  expect(document).toMatchObject({ asset: TRIPS, truncated: false });
  expect(text.split('\n')).toEqual([
    'partition      check         result   found',
    '2026-03-01T00  no_far_trips  warning  1 row offends',
    '2026-03-01T00  row_count     passed   2 rows; at least 2 expected',
    '2026-03-01T01  no_far_trips  passed   0 rows offend',
    '2026-03-01T01  row_count     passed   2 rows; at least 2 expected',
    '2026-03-01T01  row_count     refused  1 row; at least 2 expected',
  ]);
  const failed = await ask(checks, { asset: TRIPS, failed: true });
  expect(failed.document).toEqual({ asset: TRIPS, checks: [warned, refused], truncated: false });
  const none = await ask(checks, { asset: 'seeing_test/events' });
  expect(none.text).toBe('No check said anything of seeing_test/events there.');
});

test('why says which check refused the newer rows, beside those that are visible', async () => {
  const { document, text } = await ask(why, { asset: TRIPS, partition: '2026-03-01T01' });
  expect(document).toMatchObject({ data: 'fresh', attempt: 'failed', made: { rows: 2 } });
  expect(document).toHaveProperty('checks[2]', refused);
  expect(text).toContain(
    'A blocking check failed, so nothing was published and what was there stays ' +
      '(row_count of seeing_test/trips: 1 row; at least 2 expected).',
  );
  expect(text).toContain('It will not be tried again until its input or code changes.');
  expect(text).toMatch(
    /checks +2 passed +Of what is visible\.\n +check +refused +row_count: 1 row; at least 2 expected\./u,
  );
});

test('status has the checks that failed, of a selection and of all', async () => {
  const selected = await ask(statusOf, { selection: TRIPS, to: '2026-03-01T02' });
  expect(selected.document).toMatchObject({ assets: [{ asset: TRIPS, checks: [warned, refused] }] });
  expect(selected.text).toContain('check warning  2026-03-01T00  no_far_trips: 1 row offends');
  const all = await ask(statusOf, {});
  expect(all.document).toHaveProperty('checks', [
    { asset: TRIPS, ...refused },
    { asset: TRIPS, ...warned },
  ]);
  expect(all.text).toContain('seeing_test/trips 2026-03-01T01  refused  row_count: 1 row; at least 2 expected');
});

test('assets lists the checks of each table', async () => {
  const { document, text } = await ask(assets, {});
  expect(document).toHaveProperty('assets[1].checks', [
    { name: 'row_count', blocking: true, expects: 'at least 2' },
    { name: 'no_far_trips', blocking: false, expects: 'a statement that gives no rows' },
  ]);
  expect(text).toContain(
    '    blocking check row_count: at least 2\n    check no_far_trips: a statement that gives no rows',
  );
});
