import { expect, test } from 'vitest';
import { guessKey } from '../../model/guess-key.ts';
import { parseKeyPattern } from '../../model/key-pattern.ts';

const events = parseKeyPattern('data/{yyyy}-{MM}-{dd}-{HH}-events.json');
const byHour = parseKeyPattern('date={yyyy}-{MM}-{dd}/hour={H|HH}/{table}.json{|.gz}');
const at = Date.parse('2019-06-01T15:00:00Z');

test.each([
  ['the longest end of the path that fits', events, '/tmp/in/data/2019-06-01-15-events.json'],
  ['its name behind the folders that every key has', events, './2019-06-01-15-events.json'],
  ['a path as Windows writes it', events, String.raw`in\data\2019-06-01-15-events.json`],
])('a file stands for %s', (_, pattern, path) => {
  expect(guessKey(pattern, path, 0)).toEqual({
    key: 'data/2019-06-01-15-events.json',
    match: { kind: 'match', at },
  });
});

test('folders that tell the time belong to the key', () => {
  expect(guessKey(byHour, 'feed/date=2019-06-01/hour=15/sales.json.gz', 0)).toEqual({
    key: 'date=2019-06-01/hour=15/sales.json.gz',
    match: { kind: 'match', at, table: 'sales' },
  });
});

test('a name that cannot be right is said to be meant, another is only a name', () => {
  expect(guessKey(events, 'in/2019-06-31-15-events.json', 0)).toEqual({
    key: 'data/2019-06-31-15-events.json',
    match: { kind: 'reject', reason: 'key' },
  });
  expect(guessKey(events, 'in/readme.txt', 0)).toEqual({
    key: 'readme.txt',
    match: { kind: 'skip', reason: 'pattern' },
  });
});
