import { expect, test } from 'vitest';
import { reformatTimestamp } from '../../record/format-timestamp.ts';
import { hashedUuid } from '../../record/hashed-uuid.ts';

test.for([
  ['3a3eb23a-f22e-4fe9-8c20-f37220a81909', '2019-06-01T18:17:04.088Z', 'b258bf99-f454-0967-c9c4-17bbb3cfd27a'],
  ['c280a812-7723-4edb-b0a2-96742740265b', '2019-06-01T18:22:45.000Z', '80044921-c838-d4a4-3d54-8773b21e0551'],
] as const)('gives the known id of %s at %s', ([id, at, expected]) => {
  expect(hashedUuid(id, reformatTimestamp(at))).toBe(expected);
});

test('hashes the UTF-8 of the texts, one after the other', () => {
  expect(hashedUuid('ü', 'b')).toBe(hashedUuid('üb'));
  expect(hashedUuid('')).toBe('e3b0c442-98fc-1c14-9afb-f4c8996fb924');
});
