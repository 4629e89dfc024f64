import { expect, test } from 'vitest';
import { readConfig } from '../../config/read-config.ts';
import { secretsOf } from '../../config/secrets.ts';

const HOOK = 'https://hooks.example/T0/secret-token';

test('a webhook is for all assets, or by its name for those of one pipeline', () => {
  expect(readConfig({}).webhook).toEqual({ url: undefined, byPipeline: new Map() });
  const env = { HOURLOOM_WEBHOOK_URL: HOOK, HOURLOOM_WEBHOOK_URL_RAW_ORDERS: 'http://127.0.0.1:8080/in' };
  expect(readConfig(env).webhook).toEqual({
    url: HOOK,
    byPipeline: new Map([['raw_orders', 'http://127.0.0.1:8080/in']]),
  });
});

test('what is no address, or holds a user, is refused without being shown', () => {
  expect(() => readConfig({ HOURLOOM_WEBHOOK_URL_SHOP: 'slack' })).toThrow(
    'Bad environment: HOURLOOM_WEBHOOK_URL_SHOP is no address. It begins with http:// or https://.',
  );
  expect(() => readConfig({ HOURLOOM_WEBHOOK_URL: 'https://me:pw@hooks.example/' })).toThrow(
    'Bad environment: HOURLOOM_WEBHOOK_URL holds a user, which is not sent. Use an address that is secret by its path.',
  );
});

test('webhooks are secrets', () => {
  expect(secretsOf({ HOURLOOM_WEBHOOK_URL: HOOK, HOURLOOM_WEBHOOK_URL_SHOP: `${HOOK}/2` })).toEqual([
    HOOK,
    `${HOOK}/2`,
  ]);
});
