import { expect, test } from 'vitest';
import { readErasureKeys } from '../../config/erasure-keys.ts';
import { erasureEnvironment, newErasureKey } from '../../local/erasure-environment.ts';

const OWN = newErasureKey();
const GIVEN = '2026:a-secret-of-the-tests-with-some-length';
const BEFORE = '2025:another-secret-of-the-tests-with-length';

test('a machine has an erasure key of its own, another each time', () => {
  expect(readErasureKeys({ HOURLOOM_ERASURE_KEY: OWN })).toMatchObject([{ id: 'machine' }]);
  expect(newErasureKey()).not.toBe(OWN);
});

test('its worker takes that one until a person sets another, and keeps it as the one before', () => {
  expect(erasureEnvironment({}, OWN)).toEqual({ HOURLOOM_ERASURE_KEY: OWN });
  expect(erasureEnvironment({ HOURLOOM_ERASURE_KEY: ' ' }, OWN)).toEqual({ HOURLOOM_ERASURE_KEY: OWN });
  expect(erasureEnvironment({ HOURLOOM_ERASURE_KEY: GIVEN }, OWN)).toEqual({ HOURLOOM_ERASURE_KEY_OLD: OWN });
});

test('what a person sets is left as it is', () => {
  expect(erasureEnvironment({ HOURLOOM_ERASURE_KEY: GIVEN, HOURLOOM_ERASURE_KEY_OLD: BEFORE }, OWN)).toEqual({});
  expect(erasureEnvironment({ HOURLOOM_ERASURE_KEY: OWN }, OWN)).toEqual({});
});
