import { expect, test } from 'vitest';
import { readConfig } from '../../config/read-config.ts';
import { secretsOf } from '../../config/secrets.ts';

const SECRET = 'x'.repeat(32);
const OTHER = 'y'.repeat(32);

test('the key for new requests comes first, then the one before it', () => {
  expect(readConfig({}).erasureKeys).toEqual([]);
  const env = { HOURLOOM_ERASURE_KEY: `b:${OTHER}`, HOURLOOM_ERASURE_KEY_OLD: `a:${SECRET}` };
  expect(readConfig(env).erasureKeys).toEqual([
    { id: 'b', secret: OTHER },
    { id: 'a', secret: SECRET },
  ]);
  expect(secretsOf(env)).toEqual([OTHER, SECRET]);
});

test('what is no key is refused without being shown', () => {
  expect(() => readConfig({ HOURLOOM_ERASURE_KEY: 'a:short' })).toThrow(
    'Bad environment: HOURLOOM_ERASURE_KEY is no key. Write it as <id>:<secret>, the secret of at least 32 characters: openssl rand -hex 32 gives one.',
  );
  expect(() => readConfig({ HOURLOOM_ERASURE_KEY: `a:${SECRET}`, HOURLOOM_ERASURE_KEY_OLD: `a:${OTHER}` })).toThrow(
    'Bad environment: HOURLOOM_ERASURE_KEY and HOURLOOM_ERASURE_KEY_OLD have the same id. Give the new key another.',
  );
  expect(() => readConfig({ HOURLOOM_ERASURE_KEY_OLD: `a:${SECRET}` })).toThrow(
    'Bad environment: HOURLOOM_ERASURE_KEY_OLD is set without HOURLOOM_ERASURE_KEY. Set the new key too.',
  );
});
