import { parseTimestamp } from './parse-timestamp.ts';

const SECOND_US = 1_000_000;
const DAY_US = 86_400 * SECOND_US;

/** `00` to `99`. */
const TWO_DIGITS: readonly string[] = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'));

/**
 * Prints microseconds since 1970-01-01T00:00:00Z as `YYYY-MM-DD HH:MM:SS.ffffff`, without the fraction where it is
 * zero. Ids are hashed over this text, so its shape may never change.
 */
export function formatTimestamp(microseconds: number): string {
  const day = Math.floor(microseconds / DAY_US);
  const ofDay = microseconds - day * DAY_US;
  const second = Math.floor(ofDay / SECOND_US);
  const fraction = ofDay - second * SECOND_US;
  const time = `${pad2(Math.floor(second / 3_600))}:${pad2(Math.floor(second / 60) % 60)}:${pad2(second % 60)}`;
  return `${formatDay(day)} ${time}${fraction === 0 ? '' : formatFraction(fraction)}`;
}

/**
 * What `formatTimestamp` prints of a timestamp's text, which must be one that `parseTimestamp` reads. The shape that
 * JavaScript prints is turned into it without counting days, several times faster.
 */
export function reformatTimestamp(text: string): string {
  const isCommonShape = text.length === 24 && text.endsWith('Z') && text[19] === '.';
  if (!isCommonShape) return formatTimestamp(parseTimestamp(text, 'UTC') ?? Number.NaN);
  const day = text.slice(0, 10);
  return text.endsWith('.000Z') ? `${day} ${text.slice(11, 19)}` : `${day} ${text.slice(11, 23)}000`;
}

function formatFraction(microseconds: number): string {
  return `.${pad2(Math.floor(microseconds / 10_000))}${pad2(Math.floor(microseconds / 100) % 100)}${pad2(microseconds % 100)}`;
}

/** The inverse of the count of days in `parse-timestamp.ts` (Howard Hinnant, "civil_from_days"). */
function formatDay(day: number): string {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const dayOfMonth = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${pad2(Math.floor(year / 100))}${pad2(year % 100)}-${pad2(month)}-${pad2(dayOfMonth)}`;
}

/** Of a whole number below 100. */
function pad2(value: number): string {
  return TWO_DIGITS[value]!;
}
