import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_IDENTIFIER_BYTES, parseAssetKey, parsePipelineName } from '../../model/asset-key.ts';

const LONGEST = 'a'.repeat(MAX_IDENTIFIER_BYTES);

test.each([
  'door2door',
  'door2door/vehicle_location',
  'weather/eu/observations',
  'a',
  'a1/b_2_',
  `${LONGEST}/${LONGEST}`,
])('%s is the key of an asset', (text) => {
  expect(parseAssetKey(text)).toBe(text);
});

test.each([
  '',
  '/',
  'door2door/',
  '/events',
  'door2door//events',
  'door2door/Events',
  'door2door/2events',
  'door2door/_events',
  'door2door/vehicle-location',
  'door2door/vehicle location',
  'door2door/évents',
  'door2door/events\n',
  '../events',
  `door2door/${LONGEST}a`,
])('%j is the key of no asset', (text) => {
  expect(parseAssetKey(text)).toBeUndefined();
});

test('a name is of one part and fits into an identifier of Postgres', () => {
  expect(parsePipelineName('door2door')).toBe('door2door');
  expect(parsePipelineName(LONGEST)).toBe(LONGEST);
  expect(parsePipelineName(`${LONGEST}a`)).toBeUndefined();
  expect(parsePipelineName('door2door/events')).toBeUndefined();
  expect(parsePipelineName('Door2door')).toBeUndefined();
  expect(parsePipelineName('door2door;')).toBeUndefined();
  expect(parsePipelineName('')).toBeUndefined();
});

test('whatever is a name is also the first part of a key', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z][a-z0-9_]{0,70}$/u)), (text) => {
      expect(parseAssetKey(`${text}/events`) !== undefined && !text.includes('/')).toBe(
        parsePipelineName(text) !== undefined,
      );
    }),
  );
});
