import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { assertFileCounts, assertLineCounts, CountsError } from '../../model/counts.ts';

test('files add up where each one listed was loaded, rejected, skipped or empty', () => {
  expect(() => assertFileCounts({ listed: 724, loaded: 720, rejected: 1, skipped: 2, empty: 1 })).not.toThrow();
});

test('lines add up where each one is good, a duplicate or quarantined', () => {
  expect(() => assertLineCounts({ lines: 35_362, good: 35_351, duplicate: 10, quarantined: 1 })).not.toThrow();
});

test('a lost file is said in numbers', () => {
  expect(() => assertFileCounts({ listed: 721, loaded: 718, rejected: 1, skipped: 0, empty: 1 })).toThrow(
    new CountsError('721 listed, but 718 loaded + 1 rejected + 0 skipped + 1 empty'),
  );
});

test('a doubled line is said in numbers', () => {
  expect(() => assertLineCounts({ lines: 10, good: 10, duplicate: 1, quarantined: 0 })).toThrow(
    'Counts do not add up: 10 lines, but 10 good + 1 duplicate + 0 quarantined. Nothing was published; please report this as a bug.',
  );
});

test('a count that is not a number never adds up', () => {
  const line = { lines: Number.NaN, good: Number.NaN, duplicate: 0, quarantined: 0 };
  expect(() => assertLineCounts(line)).toThrow(CountsError);
});

test('one file or line too few or too many is always found', () => {
  const anyCount = fc.nat({ max: 1_000_000_000 });
  fc.assert(
    fc.property(anyCount, anyCount, anyCount, anyCount, fc.constantFrom(-1, 1), (a, b, c, d, off) => {
      expect(() =>
        assertFileCounts({ listed: a + b + c + d + off, loaded: a, rejected: b, skipped: c, empty: d }),
      ).toThrow(CountsError);
      expect(() => assertLineCounts({ lines: a + b + c + off, good: a, duplicate: b, quarantined: c })).toThrow(
        CountsError,
      );
    }),
  );
});
