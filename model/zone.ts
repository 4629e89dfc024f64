import type { Instant } from './window.ts';

const NAME = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/u;
const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

/** A calendar day, whatever the zone: `2020-01-25`. */
export type Day = string;

/** Whether a text is the name of a time zone, in its own capital letters. */
export function isZone(text: string): boolean {
  if (!NAME.test(text)) return false;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions();
    // Any capital letters are taken here, and not by others. What is only another name of the zone is right.
    return timeZone === text || timeZone.toLowerCase() !== text.toLowerCase();
  } catch {
    return false;
  }
}

/** The day that it is in a zone. */
export function dayIn(zone: string, at: Instant): Day {
  return createDayReader(zone)(at);
}

/** The day of a partition: that of its name, which is in UTC; a longer one's last. */
export function dayOfWindow({ end }: { readonly end: Instant }): Day {
  return dayIn('UTC', end - 1);
}

/** The first moment of a day in a zone. It is not always midnight: some clocks go forward there. */
export function startOfDay(zone: string, day: Day): Instant {
  const readDay = createDayReader(zone);
  const midnight = Date.parse(`${day}T00:00:00Z`);
  // No zone is more than a day from UTC. The first second of the day is between the two.
  let before = (midnight - DAY_MS - SECOND_MS) / SECOND_MS;
  let within = (midnight + DAY_MS) / SECOND_MS;
  while (within - before > 1) {
    const middle = Math.floor((before + within) / 2);
    if (readDay(middle * SECOND_MS) < day) before = middle;
    else within = middle;
  }
  return within * SECOND_MS;
}

/** The first moment of the day after. */
export function startOfNextDay(zone: string, day: Day): Instant {
  return startOfDay(zone, dayIn('UTC', Date.parse(`${day}T00:00:00Z`) + DAY_MS));
}

/** The digits of years 1900 to 2100 sort as the days do. */
function createDayReader(timeZone: string): (at: Instant) => Day {
  // Swedes write dates as ISO 8601 does.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return (at) => format.format(at);
}
