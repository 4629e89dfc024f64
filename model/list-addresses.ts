import { parseKeyPattern } from './key-pattern.ts';
import type { TimeField } from './key-pattern.ts';
import { cellStart, fieldsUpTo, nextCell, textsOf } from './list-prefixes.ts';
import type { Instant, Window } from './window.ts';

/** A window whose pattern gives more addresses is refused: each is asked for by itself. */
export const MAX_ADDRESSES = 1_500;

/** A pattern cannot be written out as addresses. A caller shows the message beside the definition that holds it. */
export class AddressPatternError extends Error {
  constructor(pattern: string, what: string) {
    super(`Address pattern "${pattern}" ${what}`);
    this.name = 'AddressPatternError';
  }
}

/**
 * The addresses of a window's documents: nobody lists them, so the pattern is written out for each of its times that lie
 * in the window. `/{yyyy}/{MM}/{dd}/{HH}.csv` gives one for an hour and 24 for a day; alternatives, `{north|south}`,
 * give one each. A pattern of days gives the hour at which a day begins its document, and other hours none.
 * Throws an `AddressPatternError` or a `KeyPatternError`.
 */
export function listAddresses(text: string, window: Window, clockOffsetMinutes: number): readonly string[] {
  const pattern = parseKeyPattern(text.replace(/^\//u, ''));
  const finest = pattern.fields.at(-1);
  if (!text.startsWith('/')) throw new AddressPatternError(text, 'does not begin with "/", where its base ends.');
  if (/[#\s]/u.test(text)) throw new AddressPatternError(text, 'holds "#" or a blank. Write them as %23 and %20.');
  if (finest === undefined)
    throw new AddressPatternError(text, 'tells no time. Begin with {yyyy}, then {MM}, {dd}, {HH}.');
  if (pattern.tokens.some(({ kind }) => kind === 'any' || kind === 'table'))
    throw new AddressPatternError(text, 'holds {any} or {table}, for which no address can be written.');

  const offsetMs = clockOffsetMinutes * 60_000;
  const addresses = new Set<string>();
  for (const cell of cellsWithin(finest, { start: window.start + offsetMs, end: window.end + offsetMs })) {
    let paths = ['/'];
    const known = fieldsUpTo(finest, cell);
    for (const token of pattern.tokens) {
      const texts = textsOf(token, known) ?? [];
      paths = paths.flatMap((path) => texts.map((piece) => path + piece));
      if (addresses.size + paths.length > MAX_ADDRESSES)
        throw new AddressPatternError(text, `gives one window more than ${MAX_ADDRESSES} addresses.`);
    }
    for (const path of paths) addresses.add(path);
  }
  return [...addresses];
}

/** The starts of the years, months, … that begin in [start, end). */
function* cellsWithin(field: TimeField, { start, end }: Window): Generator<Instant> {
  const first = cellStart(field, start);
  for (let cell = first < start ? nextCell(field, first) : first; cell < end; cell = nextCell(field, cell)) yield cell;
}
