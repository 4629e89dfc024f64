import { DefinitionError } from './definition-error.ts';

type Unit = 'second' | 'minute' | 'hour' | 'day';

/** A length of time in words: `'5 minutes'`, `'3 days'`, `'1 hour'`. */
export type Duration = `${number} ${Unit | `${Unit}s`}`;

const UNIT_MS: Readonly<Record<Unit, number>> = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** In milliseconds. `where` is said in the error of a text that is no duration. */
export function parseDuration(where: string, duration: Duration): number {
  const match = /^(\d+) (second|minute|hour|day)s?$/u.exec(duration);
  const ms = match ? Number(match[1]) * UNIT_MS[match[2] as Unit] : Number.NaN;
  if (!Number.isSafeInteger(ms)) {
    throw new DefinitionError(
      where,
      `"${duration}" is no duration. Write a whole number and a unit, such as '5 minutes'.`,
    );
  }
  return ms;
}
