import type { KeyPattern, PatternToken, TimeField, TimeSpelling } from './key-pattern.ts';
import type { Instant, Window } from './window.ts';

/** One prefix is one request or more; a window that needs more of them is listed by a coarser field instead. */
export const MAX_PREFIXES = 24;

/** The prefixes under which all keys of a pattern stand, whatever their window: as few as possible, none within another. */
export function listWholePrefixes(pattern: KeyPattern): readonly string[] {
  return prefixesOf(pattern, new Map());
}

/**
 * The prefixes under which all keys of a window stand: as few as possible, none within another, sorted.
 * Their length follows the window: listing them costs what lies in about the window's time, not what lies in the
 * bucket. The hour 2019-06-01T18Z with a clock at -03:00 gives `data/2019-06-01-15-`.
 */
export function listPrefixes(pattern: KeyPattern, window: Window, clockOffsetMinutes: number): readonly string[] {
  const start = window.start + clockOffsetMinutes * 60_000;
  const end = window.end + clockOffsetMinutes * 60_000;
  let prefixes = listWholePrefixes(pattern);

  for (const field of pattern.fields) {
    const cells = cellsOf(field, start, end);
    if (cells === undefined) break;
    const finer = withoutNested(cells.flatMap((cell) => prefixesOf(pattern, fieldsUpTo(field, cell))));
    if (finer.length > MAX_PREFIXES) break;
    prefixes = finer;
    const covered = nextCell(field, cells[cells.length - 1] ?? start) - (cells[0] ?? start);
    if (covered <= 2 * (end - start)) break;
  }
  return prefixes;
}

/** The starts of the years, months, … that have a part in [start, end); undefined where they are too many. */
function cellsOf(field: TimeField, start: Instant, end: Instant): readonly Instant[] | undefined {
  const cells: Instant[] = [];
  for (let cell = cellStart(field, start); cell < end; cell = nextCell(field, cell)) {
    if (cells.length === MAX_PREFIXES) return undefined;
    cells.push(cell);
  }
  return cells;
}

const LENGTH_MS = { day: 86_400_000, hour: 3_600_000, minute: 60_000, second: 1_000 } as const;

/** The start of the year, month, … in which an instant lies. */
export function cellStart(field: TimeField, at: Instant): Instant {
  const date = new Date(at);
  switch (field) {
    case 'year':
      return Date.UTC(date.getUTCFullYear(), 0, 1);
    case 'month':
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
    default:
      return Math.floor(at / LENGTH_MS[field]) * LENGTH_MS[field];
  }
}

/** The start of the next one. */
export function nextCell(field: TimeField, cell: Instant): Instant {
  const date = new Date(cell);
  switch (field) {
    case 'year':
      return Date.UTC(date.getUTCFullYear() + 1, 0, 1);
    case 'month':
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
    default:
      return cell + LENGTH_MS[field];
  }
}

/** The values of a cell's fields, from the year down to its own; shorter ones are not known. */
export function fieldsUpTo(field: TimeField, cell: Instant): ReadonlyMap<TimeField, number> {
  const date = new Date(cell);
  const all: readonly (readonly [TimeField, number])[] = [
    ['year', date.getUTCFullYear()],
    ['month', date.getUTCMonth() + 1],
    ['day', date.getUTCDate()],
    ['hour', date.getUTCHours()],
    ['minute', date.getUTCMinutes()],
    ['second', date.getUTCSeconds()],
  ];
  return new Map(all.slice(0, all.findIndex(([name]) => name === field) + 1));
}

/** Writes the pattern out as far as it is known; alternatives multiply. */
function prefixesOf(pattern: KeyPattern, known: ReadonlyMap<TimeField, number>): readonly string[] {
  let prefixes: readonly string[] = [''];
  for (const token of pattern.tokens) {
    const texts = textsOf(token, known);
    if (texts === undefined || prefixes.length * texts.length > MAX_PREFIXES) break;
    prefixes = prefixes.flatMap((prefix) => texts.map((text) => prefix + text));
  }
  return withoutNested(prefixes);
}

/** The texts that a piece of a pattern may be; undefined where they cannot be known. */
export function textsOf(token: PatternToken, known: ReadonlyMap<TimeField, number>): readonly string[] | undefined {
  switch (token.kind) {
    case 'literal':
      return token.texts;
    case 'table':
    case 'any':
      return undefined;
    case 'time': {
      const value = known.get(token.field);
      return value === undefined ? undefined : token.spellings.map((spelling) => spell(value, spelling));
    }
  }
}

function spell(value: number, { digits }: TimeSpelling): string {
  return digits === 'unpadded' ? String(value) : String(value).padStart(digits, '0');
}

/** A prefix within another would list the same keys twice. */
function withoutNested(prefixes: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (const prefix of [...new Set(prefixes)].sort()) {
    const last = kept[kept.length - 1];
    if (last === undefined || !prefix.startsWith(last)) kept.push(prefix);
  }
  return kept;
}
