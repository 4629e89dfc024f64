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
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const milliseconds = twoDigits(text, 20) * 10 + digit(text, 22);
  const seconds = secondsSinceEpoch(
    year,
    twoDigits(text, 5),
    twoDigits(text, 8),
    twoDigits(text, 11),
    twoDigits(text, 14),
    twoDigits(text, 17),
  );
  const microseconds = seconds * SECOND_US + milliseconds * 1_000;
  return Number.isNaN(microseconds) ? undefined : microseconds;
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
  const [, year, month, day, separator, hour, minute, second, fraction = '', offset] = match;
  if (zone === undefined && (separator === ' ' || offset === undefined)) return undefined;
  const seconds = secondsSinceEpoch(
    Number(year),
    Number(month),
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  const microseconds = Number(fraction.slice(0, 6).padEnd(6, '0'));
  const at = (seconds - offsetSeconds(offset ?? 'Z')) * SECOND_US + microseconds;
  return Number.isNaN(at) ? undefined : at;
}

/** NaN where the offset is past 23:59. */
function offsetSeconds(offset: string): number {
  if (offset === 'Z') return 0;
  const hours = twoDigits(offset, 1);
  const minutes = twoDigits(offset, 4);
  if (hours > 23 || minutes > 59) return Number.NaN;
  return (hours * 3_600 + minutes * 60) * (offset.startsWith('-') ? -1 : 1);
}

/** NaN where there is no such date or time, or a part is NaN. */
function secondsSinceEpoch(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number {
  const isReal =
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    (day <= 28 || day <= daysInMonth(year, month)) &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 59;
  if (!isReal) return Number.NaN;
  return daysSinceEpoch(year, month, day) * DAY_SECONDS + hour * 3_600 + minute * 60 + second;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Years are counted from March, so that the leap day is a year's last (Howard Hinnant, "days_from_civil"). */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const monthFromMarch = month <= 2 ? month + 9 : month - 3;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + day - 1;
  return marchYear * 365 + leapDays + dayOfYear - 719_468;
}

function twoDigits(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1);
}

function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - 0x30;
  return value >= 0 && value <= 9 ? value : Number.NaN;
}
