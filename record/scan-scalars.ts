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

interface Level {
  readonly isObject: boolean;
  /** Of the object or list itself. */
  readonly path: string;
  /** Of the value that comes next; undefined where a name is awaited. */
  next: string | undefined;
}

/**
 * Finds every text and number of a line with its place, so that some can be replaced and all else stays byte for byte:
 * numbers keep their digits, names that come twice come twice. It is lenient: what is no JSON is told so, not thrown.
 */
export function scanScalars(text: string): Scan {
  const scalars: Scalar[] = [];
  const levels: Level[] = [];
  let level: Level | undefined;
  let isOver = false;
  let at = skipBlanks(text, 0);
  const first = text[at];
  while (at < text.length && !isOver) {
    const mark = text[at] ?? '';
    let end = at + 1;
    if (mark === '{' || mark === '[') {
      const path = level?.next ?? '';
      level = { isObject: mark === '{', path, next: mark === '{' ? undefined : path };
      levels.push(level);
    } else if (mark === '}' || mark === ']') {
      levels.pop();
      level = levels.at(-1);
      isOver = level === undefined;
    } else if (mark === ',') {
      if (level?.isObject === true) level.next = undefined;
    } else if (mark === '"') {
      end = endOfText(text, at);
      if (end < 0) break;
      const value = unquote(text.slice(at, end));
      if (level?.isObject === true && level.next === undefined) level.next = joinPath(level.path, value);
      else scalars.push({ path: level?.next ?? '', start: at, end, kind: 'text', value });
    } else if (mark !== ':') {
      end = endOfWord(text, at);
      const value = text.slice(at, end);
      if (NUMBER.test(value)) scalars.push({ path: level?.next ?? '', start: at, end, kind: 'number', value });
      else if (value !== 'true' && value !== 'false' && value !== 'null') break;
    }
    at = skipBlanks(text, end);
  }
  return { scalars, isObject: isOver && first === '{' && at === text.length };
}

const NUMBER = /^-?\d[\d.eE+-]*$/u;

function joinPath(path: string, name: string): string {
  return path === '' ? name : `${path}${PATH_SEPARATOR}${name}`;
}

function skipBlanks(text: string, start: number): number {
  let at = start;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at += 1;
  return at;
}

/** The place after the closing quote; -1 where there is none. */
function endOfText(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return at + 1;
  }
  return -1;
}

/** Where a number or word ends. */
function endOfWord(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && !ENDS_WORD.has(text[at] ?? '')) at += 1;
  return at;
}

const ENDS_WORD: ReadonlySet<string> = new Set(' \t\r\n,:{}[]"');

function unquote(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted.slice(1, -1);
  }
}
