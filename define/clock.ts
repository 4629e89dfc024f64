import { DefinitionError } from './definition-error.ts';

/** The zone of a clock as an offset from UTC: `'-03:00'`. */
export type Clock = `${'+' | '-'}${number}:${number}`;

/** How far the clock is ahead of UTC, in minutes; UTC where none is said. */
export function parseClock(where: string, clock: Clock = '+00:00'): number {
  const match = /^([+-])([01]\d|2[0-3]):([0-5]\d)$/u.exec(clock);
  if (!match) throw new DefinitionError(where, `clock "${clock}" is no offset from UTC. Write it as '-03:00'.`);
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' && minutes > 0 ? -minutes : minutes;
}
