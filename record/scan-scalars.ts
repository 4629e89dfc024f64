/** One text or number of a line of JSON, and where it stands there. */
export interface Scalar {
  /** The names by which it is reached, joined by `PATH_SEPARATOR`; lists do not show. */
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly kind: 'text' | 'number';
  readonly value: string;
}

/** What a line holds. */
export interface Scan {
  readonly scalars: readonly Scalar[];
  /** Whether it is one JSON object with nothing before or after; else `scalars` are those up to where it breaks. */
  readonly isObject: boolean;
}

/** No name of a record that is taken in has it: decoding holds back what has NUL in it. */
export const PATH_SEPARATOR = '\u0000';

const TOKEN = /[\s]*(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|(-?\d[\d.eE+-]*)|(true|false|null))/uy;

interface Level {
  readonly kind: '{' | '[';
  readonly path: string;
  name: string | undefined;
}

/**
 * Finds every text and number of a line with its place, so that some can be replaced and all else stays byte for byte:
 * numbers keep their digits, names that come twice come twice. It is lenient: what is no JSON is told so, not thrown.
 */
export function scanScalars(text: string): Scan {
  const scalars: Scalar[] = [];
  const levels: Level[] = [];
  let at = 0;
  let isOver = false;
  for (;;) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match) break;
    at = TOKEN.lastIndex;
    if (isOver) return { scalars, isObject: false };
    const [, mark, quoted, number] = match;
    const level = levels.at(-1);
    const path = pathOf(level);
    if (mark === '{' || mark === '[') levels.push({ kind: mark, path, name: undefined });
    else if (mark === '}' || mark === ']') isOver = levels.pop() !== undefined && levels.length === 0;
    else if (mark === ',') {
      if (level?.kind === '{') level.name = undefined;
    } else if (quoted !== undefined) {
      const value = unquote(quoted);
      if (level?.kind === '{' && level.name === undefined) level.name = value;
      else scalars.push({ path, start: at - quoted.length, end: at, kind: 'text', value });
    } else if (number !== undefined) {
      scalars.push({ path, start: at - number.length, end: at, kind: 'number', value: number });
    }
  }
  const isWhole = isOver && text.slice(at).trim() === '';
  return { scalars, isObject: isWhole && text.trimStart().startsWith('{') };
}

function pathOf(level: Level | undefined): string {
  if (!level) return '';
  if (level.kind === '[') return level.path;
  return level.path === '' ? (level.name ?? '') : `${level.path}${PATH_SEPARATOR}${level.name ?? ''}`;
}

function unquote(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted.slice(1, -1);
  }
}
