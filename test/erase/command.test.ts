import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { retail } from '../../assets/index.ts';
import { eraseWorkflowId } from '../../model/workflow-id.ts';
import { documentOf, expectRefusal, hourloom } from '../cli/hourloom.ts';
import type { Environment } from '../cli/hourloom.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { services } from '../support/services.ts';

const KEY = { id: '2026', secret: 'a-secret-of-the-tests-with-some-length' };
// All test files share the shop's bucket: no other has files in this month.
const HOUR = Date.parse('2020-03-01T00:00:00Z');
const EMAIL = 'Ann.Lee@example.org';
const NOBODY_KNOWS = '11111111-2222-4333-8444-555555555555';

let stack: Stack;
let environment: Environment;
beforeAll(async () => {
  stack = await openStack(retail, { erasureKeys: [KEY] });
  const { temporalAddress, s3 } = services();
  environment = {
    DATABASE_URL: stack.databaseUrl,
    TEMPORAL_ADDRESS: temporalAddress,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    HOURLOOM_ASSETS: fileURLToPath(new URL('../../dist/assets/index.js', import.meta.url)),
    HOURLOOM_LAKE_BUCKET: stack.lakeBucket,
    HOURLOOM_TASK_QUEUE: stack.taskQueue,
  };
  const ann = { id: '0012', first_name: 'Ann', last_name: 'Lee', email: EMAIL, city: 'Leeds' };
  await stack.feed([{ key: 'date=2020-03-01/hour=00/customers.json', body: JSON.stringify(ann) }]);
  await stack.run(HOUR);
}, 60_000);
afterAll(() => stack.close());

const withKey = () => ({ ...environment, HOURLOOM_ERASURE_KEY: `${KEY.id}:${KEY.secret}` });

test('a request is carried out and shown, without a word of whose it is', { timeout: 60_000 }, async () => {
  const asked = await hourloom(['erase', 'request', '--email', EMAIL.toLowerCase(), '--now', '--json'], withKey());
  const { id } = documentOf(asked) as { id: string };
  await stack.client.workflow.getHandle(eraseWorkflowId(id)).result();
  const nothing = { objects: 0, lines: 0, windows: 0, rows: 0, quarantined: 0 };
  const shown = await hourloom(['erase', 'show', id, '--json'], environment);
  expect(documentOf(shown)).toMatchObject({
    id,
    pipelines: ['retail'],
    state: 'done',
    identifiers: [{ kind: 'email', keyId: '2026' }],
    preview: { objects: 1, lines: 1, windows: 1, rows: 1, quarantined: 0 },
    counts: { objects: 1, lines: 1, windows: 1 },
    proof: nothing,
  });
  const listed = await hourloom(['erase', 'list'], environment);
  const resumed = await hourloom(['erase', 'resume', id], withKey());
  expect(resumed).toMatchObject({ code: 0, stdout: `${id} is done.\n` });
  expect(JSON.stringify([asked, shown, listed, resumed]).toLowerCase()).not.toContain('ann.lee');
  expect([...(await stack.warehouse.sql`select first_name, city from retail.customers`)]).toEqual([
    { first_name: expect.stringMatching(/^erased_/u), city: 'Leeds' },
  ]);
});

test('one without a day of its own begins with the next', { timeout: 60_000 }, async () => {
  const asked = await hourloom(['erase', 'request', '--customer-id', '77', '--json'], withKey());
  const { id, executeAt } = documentOf(asked) as { id: string; executeAt: string };
  expect(Date.parse(executeAt)).toBeGreaterThan(Date.now());
  // In the zone of the shop.
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Zagreb', timeStyle: 'medium' });
  expect(clock.format(Date.parse(executeAt))).toBe('00:00:00');
  await stack.client.workflow.getHandle(eraseWorkflowId(id)).terminate();
});

test('one by a key that the workers lack says so, and what to do', { timeout: 60_000 }, async () => {
  const otherKey = { ...environment, HOURLOOM_ERASURE_KEY: '2027:another-secret-of-the-tests-with-length' };
  const asked = await hourloom(['erase', 'request', '--customer-id', '78', '--now', '--json'], otherKey);
  const { id } = documentOf(asked) as { id: string };
  await expect(stack.client.workflow.getHandle(eraseWorkflowId(id)).result()).rejects.toThrow(
    'Workflow execution failed',
  );
  expect((await hourloom(['erase', 'show', id], environment)).stdout).toContain(
    'Its run failed: Persons were erased by the key "2027", which this worker does not have. Set HOURLOOM_ERASURE_KEY, ' +
      'or HOURLOOM_ERASURE_KEY_OLD while keys are changed, to 2027:<secret>.\n' +
      `When that is mended, go on with: hourloom erase resume ${id}\n`,
  );
  expect((await hourloom(['erase', 'list'], environment)).stdout).toMatch(new RegExp(`^${id}  failed  `, 'mu'));
  expect(asked.stdout).not.toContain('78"');
});

test('what cannot be meant is refused', { timeout: 60_000 }, async () => {
  expectRefusal(
    await hourloom(['erase', 'request', '--email', EMAIL], environment),
    3,
    'HOURLOOM_ERASURE_KEY is not set. Make one with export HOURLOOM_ERASURE_KEY="2026:$(openssl rand -hex 32)" and keep it as ' +
      'long as the data. Workers need the same.',
  );
  expectRefusal(
    await hourloom(['erase', 'request', '--email', ' '], withKey()),
    2,
    'Say who: --customer-id, --email, or both.',
  );
  expectRefusal(
    await hourloom(['erase', 'request', '--email', EMAIL, '--pipeline', 'door2door'], withKey()),
    2,
    'door2door says of none of its fields that they tell of persons. Mark them with person(), direct() and quasi().',
  );
  expectRefusal(
    await hourloom(['erase', 'show', NOBODY_KNOWS], environment),
    2,
    `There is no request "${NOBODY_KNOWS}". \`hourloom erase list\` shows those there are.`,
  );
});
