import type { KeyPattern, TimeField } from './key-pattern.ts';
import type { Instant } from './window.ts';

/**
 * What a key is to a pipeline: one of its files, with its time in UTC where the pattern tells one, something else, or a
 * name that cannot be right.
 */
export type KeyMatch =
  | { readonly kind: 'match'; readonly at?: Instant; readonly table?: string }
  | { readonly kind: 'skip'; readonly reason: 'marker' | 'pattern' }
  | { readonly kind: 'reject'; readonly reason: 'key' };

/** Control characters, line and paragraph separators, lone surrogates, direction overrides, backslash, double slash. */
const HOSTILE = /[\p{Cc}\p{Cs}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\\]|\/\//u;

const REJECT: KeyMatch = { kind: 'reject', reason: 'key' };

/**
 * Says what a listed key is. `clockOffsetMinutes` is how far the clock in the names is ahead of UTC.
 * A key of the right shape whose time there never was (hour 24, 30 February), or that pads an unpadded field, is
 * rejected rather than skipped: it was meant for us, so it must not vanish from the counts.
 */
export function matchKey(pattern: KeyPattern, key: string, clockOffsetMinutes: number): KeyMatch {
  if (key.endsWith('/')) return { kind: 'skip', reason: 'marker' };
  if (HOSTILE.test(key)) return REJECT;
  const match = pattern.shape.exec(key);
  if (!match) return { kind: 'skip', reason: 'pattern' };

  const time = new Map<TimeField, number>();
  let table: string | undefined;
  const places = pattern.tokens.filter((token) => token.kind === 'time' || token.kind === 'table');
  for (const [index, place] of places.entries()) {
    const text = match[index + 1] ?? '';
    if (place.kind === 'table') {
      // No table's name can have a dash, and files are often named with dashes: `erasure-requests` is `erasure_requests`.
      const named = text.replaceAll('-', '_');
      if (table !== undefined && table !== named) return REJECT;
      table = named;
      continue;
    }
    const spelled = place.spellings.some(({ digits }) =>
      digits === 'unpadded' ? isUnpadded(text) : text.length === digits,
    );
    const value = Number(text);
    if (!spelled || (time.get(place.field) ?? value) !== value) return REJECT;
    time.set(place.field, value);
  }

  const ofTable = table === undefined ? {} : { table };
  if (pattern.fields.length === 0) return { kind: 'match', ...ofTable };
  const local = toInstant(time);
  if (local === undefined) return REJECT;
  return { kind: 'match', at: local - clockOffsetMinutes * 60_000, ...ofTable };
}

function isUnpadded(text: string): boolean {
  return text.length === 1 || text[0] !== '0';
}

/** Undefined where there is no such time: `Date.UTC` would take 30 February as 1 March. */
function toInstant(time: ReadonlyMap<TimeField, number>): Instant | undefined {
  const field = (name: TimeField, otherwise: number) => time.get(name) ?? otherwise;
  const parts = [
    field('year', 1970),
    field('month', 1),
    field('day', 1),
    field('hour', 0),
    field('minute', 0),
    field('second', 0),
  ] as const;
  const [year, month, day, hour, minute, second] = parts;
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const same =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  return same ? date.getTime() : undefined;
}
