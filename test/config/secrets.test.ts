import { expect, test } from 'vitest';
import { readSecrets, secretsOf } from '../../config/secrets.ts';

test('finds keys, and the password of an address as it is written and as it is meant', () => {
  const env = {
    AWS_ACCESS_KEY_ID: 'public',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_SESSION_TOKEN: 'token',
    TEMPORAL_API_KEY: 'api-key',
    DATABASE_URL: 'postgres://me:p%40ssword@host/database',
  };
  expect(secretsOf(env)).toEqual(['secret', 'token', 'api-key', 'p%40ssword', 'p@ssword']);
});

test('leaves out what is not set, what is no address, and what would be found in every other word', () => {
  expect(secretsOf({})).toEqual([]);
  expect(secretsOf({ DATABASE_URL: 'warehouse', AWS_SECRET_ACCESS_KEY: 'abc' })).toEqual([]);
  expect(secretsOf({ DATABASE_URL: 'postgres://me@host/database' })).toEqual([]);
});

test('what functions may ask for is read by name, and shown as little as the rest', () => {
  const env = { HOURLOOM_SECRET_WEATHER: 'sun-and-rain', HOURLOOM_SECRET_EMPTY: '', HOURLOOM_LOG_LEVEL: 'info' };
  expect([...readSecrets(env)]).toEqual([['WEATHER', 'sun-and-rain']]);
  expect(secretsOf(env)).toEqual(['sun-and-rain']);
});
