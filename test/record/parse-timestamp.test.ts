import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatTimestamp, reformatTimestamp } from '../../record/format-timestamp.ts';
import { isInTimeWindow, parseTimestamp } from '../../record/parse-timestamp.ts';

const instant = fc.date({
  min: new Date('1900-01-01T00:00:00.000Z'),
  max: new Date('2100-12-31T23:59:59.999Z'),
  noInvalidDate: true,
});

test('reads what JavaScript prints, to the microsecond', () => {
  fc.assert(
    fc.property(instant, (date) => {
      expect(parseTimestamp(date.toISOString())).toBe(date.getTime() * 1_000);
    }),
  );
});

test('reads any offset and any fraction as Date does, and cuts off what is finer than a microsecond', () => {
  const offset = fc.tuple(fc.constantFrom('+', '-'), fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }));
  const digits = fc.stringMatching(/^[0-9]{1,12}$/u);
  fc.assert(
    fc.property(instant, offset, digits, (date, [sign, hours, minutes], fraction) => {
      const zone = `${sign}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
      const seconds = date.toISOString().slice(0, 19);
      const microseconds = Number(fraction.slice(0, 6).padEnd(6, '0'));
      expect(parseTimestamp(`${seconds}.${fraction}${zone}`)).toBe(
        Date.parse(`${seconds}${zone}`) * 1_000 + microseconds,
      );
    }),
  );
});

test.for([
  ['2019-06-01T18:17:03Z', 1_559_413_023_000_000],
  ['2019-06-01T15:17:03-03:00', 1_559_413_023_000_000],
  ['2019-06-01T18:59:59.9999999Z', 1_559_415_599_999_999],
  ['2020-02-29T00:00:00.000Z', 1_582_934_400_000_000],
  ['1969-12-31T23:59:59.999Z', -1_000],
] as const)('reads %s', ([text, microseconds]) => {
  expect(parseTimestamp(text)).toBe(microseconds);
});

test.for([
  '',
  '2019-06-01',
  '2019-06-01 18:17:03Z',
  '2019-06-01T18:17:03',
  '2019-06-01t18:17:03z',
  ' 2019-06-01T18:17:03Z',
  '2019-06-01T18:17:03Z\n',
  '2019-06-31T18:17:03Z',
  '2019-02-29T18:17:03.000Z',
  '1900-02-29T18:17:03.000Z',
  '2019-13-01T18:17:03.000Z',
  '2019-00-01T18:17:03.000Z',
  '2019-01-00T18:17:03.000Z',
  '2019-06-01T24:00:00.000Z',
  '2019-06-01T18:60:00.000Z',
  '2019-06-01T18:17:60.000Z',
  '2019-06-01T18:17:0:.000Z',
  '2/19-06-01T18:17:03.000Z',
  '2019-06-01T18:17:03.00/Z',
  '2019-06-01T18:17:03.Z',
  '2019-06-01T18:17:03,000Z',
  '2019-06-01T18:17:03+24:00',
  '2019-06-01T18:17:03+00:60',
  '2019-06-01T18:17:03+0000',
  '2019-06-01T18:17:03\u221202:00',
  '+010000-01-01T00:00:00Z',
  '1559413023',
  'now',
])('refuses "%s"', (text) => {
  expect(parseTimestamp(text)).toBeUndefined();
});

test('with a zone, takes a timestamp without an offset, and a space for the T', () => {
  const expected = parseTimestamp('2020-01-01T00:03:12.123456Z');
  expect(parseTimestamp('2020-01-01T00:03:12.123456', 'UTC')).toBe(expected);
  expect(parseTimestamp('2020-01-01 00:03:12.123456', 'UTC')).toBe(expected);
  expect(parseTimestamp('2020-01-01T03:03:12.123456+03:00', 'UTC')).toBe(expected);
  expect(parseTimestamp('2020-01-01  00:03:12', 'UTC')).toBeUndefined();
});

test('lets the years 1900 to 2100 through', () => {
  const isIn = (text: string) => isInTimeWindow(parseTimestamp(text)!);
  expect(isIn('1899-12-31T23:59:59.999999Z')).toBe(false);
  expect(isIn('1900-01-01T00:00:00Z')).toBe(true);
  expect(isIn('2100-12-31T23:59:59.999999Z')).toBe(true);
  expect(isIn('2101-01-01T00:00:00Z')).toBe(false);
  expect(isIn('9999-12-31T23:59:59Z')).toBe(false);
});

test.for([
  ['2019-06-01T18:17:04.088Z', '2019-06-01 18:17:04.088000'],
  ['2019-06-01T18:22:45.000Z', '2019-06-01 18:22:45'],
  ['2019-06-01T18:22:45.000001Z', '2019-06-01 18:22:45.000001'],
  ['2019-06-01T18:22:45-03:00', '2019-06-01 21:22:45'],
  ['1900-03-01T00:00:00Z', '1900-03-01 00:00:00'],
] as const)('prints %s as %s', ([text, printed]) => {
  expect(formatTimestamp(parseTimestamp(text)!)).toBe(printed);
  expect(reformatTimestamp(text)).toBe(printed);
});

test('prints a text as it prints the time that the text says', () => {
  fc.assert(
    fc.property(instant, fc.constantFrom('.000Z', '.120Z', '.5Z', 'Z', '.123456Z', '+03:30'), (date, end) => {
      for (const text of [date.toISOString(), date.toISOString().slice(0, 19) + end]) {
        expect(reformatTimestamp(text)).toBe(formatTimestamp(parseTimestamp(text)!));
      }
      const iso = date.toISOString();
      const fraction = date.getUTCMilliseconds() === 0 ? '' : `${iso.slice(19, 23)}000`;
      expect(formatTimestamp(date.getTime() * 1_000)).toBe(`${iso.slice(0, 10)} ${iso.slice(11, 19)}${fraction}`);
    }),
  );
});
