import { UsageError } from './errors.ts';

const MAX_COUNT = 100_000;

/** A whole number that a person wrote for an option. Throws a `UsageError` that names the option. */
export function readCount(option: string, text: string): number {
  if (/^\d{1,6}$/u.test(text) && Number(text) <= MAX_COUNT) return Number(text);
  throw new UsageError(`${option} is a whole number from 0 to ${MAX_COUNT}, not "${text}".`);
}
