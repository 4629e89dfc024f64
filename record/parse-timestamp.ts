/** The zone that a timestamp without an offset is read in; a contract must name it. */
export type TimestampZone = 'UTC';

const SECOND_US = 1_000_000;
const DAY_SECONDS = 86_400;

/** 1900-01-01T00:00:00Z and 2101-01-01T00:00:00Z. What lies outside is a writer's mistake rather than a time. */
const EARLIEST_US = -2_208_988_800 * SECOND_US;
const LATEST_US = 4_133_980_800 * SECOND_US;

const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)([T ])(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?$/u;

/**
 * Reads an RFC 3339 timestamp strictly: `2019-06-01T18:17:03.087Z`, or with an offset such as `-03:00`. Real dates only,
 * no leap second. With a zone the offset may be missing, and one space may stand for the `T`.
 * Gives microseconds since 1970-01-01T00:00:00Z, finer digits cut off so that no time moves to the next hour; undefined
 * where the text is no timestamp. The number is exact for every year that `isInTimeWindow` lets through.
 */
export function parseTimestamp(text: string, zone?: TimestampZone): number | undefined {
  return parseCommonShape(text) ?? parseAnyShape(text, zone);
}

/** Whether a time lies in the years 1900 to 2100. */
export function isInTimeWindow(microseconds: number): boolean {
  return microseconds >= EARLIEST_US && microseconds < LATEST_US;
}

/** `YYYY-MM-DDTHH:MM:SS.sssZ`, as JavaScript prints it: read by position, several times faster than the pattern. */
function parseCommonShape(text: string): number | undefined {
  if (text.length !== 24 || !hasCommonMarks(text)) return undefined;
  const date = readDigits(text, 0, 10);
  const time = readDigits(text, 11, 23);
  if (date < 0 || time < 0) return undefined;
  const year = Math.floor(date / 10_000);
  const month = Math.floor(date / 100) % 100;
  const day = date % 100;
  const hour = Math.floor(time / 10_000_000);
  const minute = Math.floor(time / 100_000) % 100;
  const second = Math.floor(time / 1_000) % 100;
  if (!isReal(year, month, day, hour, minute, second)) return undefined;
  return secondsSinceEpoch(year, month, day, hour, minute, second) * SECOND_US + (time % 1_000) * 1_000;
}

/** The digits between two places of the common shape as one number, without its marks; negative where one is no digit. */
function readDigits(text: string, from: number, to: number): number {
  let number = 0;
  let flaws = 0;
  for (let at = from; at < to; at += 1) {
    if (at === 4 || at === 7 || at === 13 || at === 16 || at === 19) continue;
    const digit = text.charCodeAt(at) - 0x30;
    flaws |= digit | (9 - digit);
    number = number * 10 + digit;
  }
  return flaws < 0 ? -1 : number;
}

function hasCommonMarks(text: string): boolean {
  return (
    text.charCodeAt(4) === 0x2d &&
    text.charCodeAt(7) === 0x2d &&
    text.charCodeAt(10) === 0x54 &&
    text.charCodeAt(13) === 0x3a &&
    text.charCodeAt(16) === 0x3a &&
    text.charCodeAt(19) === 0x2e &&
    text.charCodeAt(23) === 0x5a
  );
}

function parseAnyShape(text: string, zone: TimestampZone | undefined): number | undefined {
  const match = TIMESTAMP.exec(text);
  if (!match) return undefined;
  const separator = match[4];
  const offset = match[9];
  if (zone === undefined && (separator === ' ' || offset === undefined)) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const [hour, minute, second] = [Number(match[5]), Number(match[6]), Number(match[7])];
  const ahead = parseOffset(offset ?? 'Z');
  if (ahead === undefined || !isReal(year, month, day, hour, minute, second)) return undefined;
  const microseconds = Number((match[8] ?? '').slice(0, 6).padEnd(6, '0'));
  return (secondsSinceEpoch(year, month, day, hour, minute, second) - ahead) * SECOND_US + microseconds;
}

/** How many seconds a clock is ahead of UTC; undefined past 23:59. */
function parseOffset(offset: string): number | undefined {
  if (offset === 'Z') return 0;
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(4));
  if (hours > 23 || minutes > 59) return undefined;
  return (hours * 3_600 + minutes * 60) * (offset.startsWith('-') ? -1 : 1);
}

/** Whether there is such a date and time; no part is negative. */
function isReal(year: number, month: number, day: number, hour: number, minute: number, second: number): boolean {
  const isDate = month >= 1 && month <= 12 && day >= 1 && (day <= 28 || day <= daysInMonth(year, month));
  return isDate && hour <= 23 && minute <= 59 && second <= 59;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function secondsSinceEpoch(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number {
  return daysSinceEpoch(year, month, day) * DAY_SECONDS + hour * 3_600 + minute * 60 + second;
}

/** Years are counted from March, so that the leap day is a year's last (Howard Hinnant, "days_from_civil"). */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const monthFromMarch = month <= 2 ? month + 9 : month - 3;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + day - 1;
  return marchYear * 365 + leapDays + dayOfYear - 719_468;
}
