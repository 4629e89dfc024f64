/** A part of a time, from the longest to the shortest. */
export type TimeField = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second';

/** All of them, in that order. */
export const TIME_FIELDS: readonly TimeField[] = ['year', 'month', 'day', 'hour', 'minute', 'second'];

/** One way to write a time field: `HH` pads to two digits, `H` never does, `yyyy` has four. */
export interface TimeSpelling {
  readonly field: TimeField;
  readonly digits: 4 | 2 | 'unpadded';
}

/** A piece of a pattern; `texts` and `spellings` are the alternatives of one place, at least one. */
export type PatternToken =
  | { readonly kind: 'literal'; readonly texts: readonly string[] }
  | { readonly kind: 'time'; readonly field: TimeField; readonly spellings: readonly TimeSpelling[] }
  | { readonly kind: 'table' }
  | { readonly kind: 'any' };

/** A source's key pattern, read once. `matchKey` and `listPrefixes` work on it. */
export interface KeyPattern {
  readonly text: string;
  readonly tokens: readonly PatternToken[];
  /** The time fields that the pattern has: `year` first and none left out in between. Empty where it tells no time. */
  readonly fields: readonly TimeField[];
  /** Matches the whole of a key; its groups are its times and tables, in order. */
  readonly shape: RegExp;
}

/** The text is no key pattern. A caller shows the message beside the definition that holds the text. */
export class KeyPatternError extends Error {
  constructor(text: string, what: string) {
    super(`Key pattern "${text}" ${what}`);
    this.name = 'KeyPatternError';
  }
}

const SPELLINGS: Readonly<Record<string, TimeSpelling>> = {
  yyyy: { field: 'year', digits: 4 },
  MM: { field: 'month', digits: 2 },
  dd: { field: 'day', digits: 2 },
  HH: { field: 'hour', digits: 2 },
  H: { field: 'hour', digits: 'unpadded' },
  mm: { field: 'minute', digits: 2 },
  m: { field: 'minute', digits: 'unpadded' },
  ss: { field: 'second', digits: 2 },
  s: { field: 'second', digits: 'unpadded' },
};
const PLACEHOLDERS = `${Object.keys(SPELLINGS)
  .map((name) => `{${name}}`)
  .join(' ')} {table} {any}`;

/**
 * Reads a pattern such as `data/{yyyy}-{MM}-{dd}-{HH}-{m}-{s}-events.json` or
 * `date={yyyy}-{MM}-{dd}/hour={H|HH}/{table}.json{|.gz}`.
 *
 * Placeholders: `yyyy MM dd HH mm ss` are padded with zeros, `H m s` are not; `{H|HH}` takes either spelling of one
 * field; `{table}` is the name of a table, where a `-` of the key stands for a `_`; `{any}` is any text without `/`, at least one character; braces around other
 * texts, `{a|b|}`, are alternatives to choose from. Times come before `{table}` and `{any}` wherever that is possible: a
 * listing can be narrowed only up to the first of these. With `tables`, `{table}` is one of these names.
 * Throws a `KeyPatternError`.
 */
export function parseKeyPattern(text: string, tables?: readonly string[]): KeyPattern {
  if (/[\\\p{Cc}]|\/\//u.test(text) || text.startsWith('/')) {
    throw new KeyPatternError(
      text,
      'begins with "/" or holds "//", "\\" or a control character. Write the key as S3 shows it.',
    );
  }
  const tokens = [...text.matchAll(/\{([^{}]*)\}|[^{}]+|[{}]/gu)].map(([whole, inner]) =>
    parseToken(text, whole, inner),
  );
  assertNoRunTogether(text, tokens);
  assertAnyIsLast(text, tokens);
  const shape = new RegExp(`^${tokens.map((token) => shapeOf(token, tables)).join('')}$`, 'u');
  return { text, tokens, fields: fieldsOf(text, tokens), shape };
}

function parseToken(text: string, whole: string, inner: string | undefined): PatternToken {
  if (whole === '{' || whole === '}') throw new KeyPatternError(text, `has a "${whole}" without its partner.`);
  if (inner === undefined) return { kind: 'literal', texts: [whole] };
  if (inner === 'table' || inner === 'any') return { kind: inner };

  const names = inner.split('|');
  const spellings = names.flatMap((name) => SPELLINGS[name] ?? []);
  const [first] = spellings;
  if (first && spellings.length === names.length && spellings.every(({ field }) => field === first.field)) {
    return { kind: 'time', field: first.field, spellings };
  }
  if (first || names.length === 1 || names.includes('table') || names.includes('any')) {
    throw new KeyPatternError(
      text,
      `has "${whole}", which is no placeholder. There are ${PLACEHOLDERS}, and {a|b|} for texts.`,
    );
  }
  return { kind: 'literal', texts: [...new Set(names)] };
}

/** `{H}{m}` could be read in two ways: 1 and 17, or 11 and 7. */
function assertNoRunTogether(text: string, tokens: readonly PatternToken[]): void {
  tokens.forEach((token, index) => {
    if (token.kind === 'time' && token.spellings.some(({ digits }) => digits === 'unpadded')) {
      if (mayBeginWithDigit(tokens.slice(index + 1))) {
        throw new KeyPatternError(
          text,
          'has digits straight after an unpadded {H}, {m} or {s}. Put another character between.',
        );
      }
    }
  });
}

function mayBeginWithDigit([first, ...rest]: readonly PatternToken[]): boolean {
  if (first === undefined || first.kind === 'table') return false;
  if (first.kind !== 'literal') return true;
  return first.texts.some((text) => (text === '' ? mayBeginWithDigit(rest) : /^[0-9]/u.test(text)));
}

/**
 * `{any}-{H}` could be read in two ways wherever the text holds a `-` itself, and several `{any}` in one part make the
 * search for a match long.
 */
function assertAnyIsLast(text: string, tokens: readonly PatternToken[]): void {
  let before: PatternToken['kind'] | undefined;
  for (const token of tokens) {
    if (token.kind === 'literal') {
      if (token.texts.every((choice) => choice.includes('/'))) before = undefined;
      continue;
    }
    if (before === 'any' || (before === 'table' && token.kind === 'any')) {
      throw new KeyPatternError(
        text,
        'has {any} beside another placeholder that it could run into. Between two "/", put it after times, once, and not with {table}.',
      );
    }
    before = token.kind;
  }
}

function fieldsOf(text: string, tokens: readonly PatternToken[]): readonly TimeField[] {
  const present = TIME_FIELDS.filter((field) => tokens.some((token) => token.kind === 'time' && token.field === field));
  const missing = TIME_FIELDS.find((field, index) => present[index] !== field && index < present.length);
  if (missing !== undefined) {
    throw new KeyPatternError(
      text,
      `names no ${missing}, so the time of a key is unknown. Begin with {yyyy}, then {MM}, {dd}, {HH}.`,
    );
  }
  return present;
}

function shapeOf(token: PatternToken, tables: readonly string[] | undefined): string {
  switch (token.kind) {
    case 'literal':
      return `(?:${token.texts.map((text) => text.replace(/[.*+?^$()[\]|/]/gu, '\\$&')).join('|')})`;
    case 'table':
      return tables ? `(${tables.map((table) => table.replaceAll('_', '[_-]')).join('|')})` : '([a-z][a-z0-9_-]*)';
    case 'any':
      return '[^/]+';
    case 'time':
      return `(${token.spellings.map(({ digits }) => (digits === 'unpadded' ? '[0-9]{1,2}' : `[0-9]{${digits}}`)).join('|')})`;
  }
}
