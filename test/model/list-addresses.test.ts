import { describe, expect, test } from 'vitest';
import { AddressPatternError, listAddresses } from '../../model/list-addresses.ts';
import { KeyPatternError } from '../../model/key-pattern.ts';

const hour = { start: Date.UTC(2026, 0, 1, 5), end: Date.UTC(2026, 0, 1, 6) };
const day = { start: Date.UTC(2026, 0, 1), end: Date.UTC(2026, 0, 2) };
const month = { start: Date.UTC(2026, 1, 1), end: Date.UTC(2026, 2, 1) };

describe('the addresses of a window', () => {
  test.each([
    ['/{yyyy}/{MM}/{dd}/{HH}.csv', hour, 0, ['/2026/01/01/05.csv']],
    ['/{yyyy}/{MM}/{dd}/{H}.csv', hour, -180, ['/2026/01/01/2.csv']],
    ['/export?from={yyyy}-{MM}-{dd}T{HH}:00', hour, 0, ['/export?from=2026-01-01T05:00']],
    ['/{north|south}/{yyyy}{MM}{dd}', day, 0, ['/north/20260101', '/south/20260101']],
    ['/{yyyy}{MM}.parquet', month, 0, ['/202602.parquet']],
    ['/{yyyy}{MM}{dd}.csv', hour, 0, []],
    ['/{yyyy}{MM}{dd}.csv', hour, -300, ['/20260101.csv']],
  ])('%s', (pattern, window, clock, addresses) => {
    expect(listAddresses(pattern, window, clock)).toEqual(addresses);
  });

  test('are one for each time that begins in it', () => {
    expect(listAddresses('/{yyyy}{MM}{dd}{HH}', day, 0)).toHaveLength(24);
    expect(listAddresses('/{yyyy}{MM}{dd}', month, 0)).toHaveLength(28);
    expect(listAddresses('/{yyyy}{MM}{dd}{HH}{mm}', day, 0)).toHaveLength(1440);
  });
});

describe('a pattern is refused', () => {
  test.each([
    ['{yyyy}.csv', 'does not begin with "/", where its base ends.'],
    ['/{yyyy}/a b.csv', 'holds "#" or a blank. Write them as %23 and %20.'],
    ['/{yyyy}#x', 'holds "#" or a blank. Write them as %23 and %20.'],
    ['/all.csv', 'tells no time. Begin with {yyyy}, then {MM}, {dd}, {HH}.'],
    ['/{yyyy}/{any}.csv', 'holds {any} or {table}, for which no address can be written.'],
    ['/{yyyy}{MM}{dd}{HH}{mm}{ss}', 'gives one window more than 1500 addresses.'],
  ])('%s', (pattern, what) => {
    expect(() => listAddresses(pattern, hour, 0)).toThrow(new AddressPatternError(pattern, what));
  });

  test('that is none', () => {
    expect(() => listAddresses('/{yyyy}{dd}', hour, 0)).toThrow(KeyPatternError);
  });
});
