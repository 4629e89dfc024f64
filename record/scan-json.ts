/** Deeper nesting than any record needs; without a limit one line could exhaust a reader's stack. */
export const MAX_DEPTH = 64;

/** What one look over the bytes of a JSON text tells without understanding it. */
export interface JsonScan {
  readonly isTooDeep: boolean;
  /** How many names of fields there are; fewer in the parsed value means that one came twice. */
  readonly names: number;
  /** No escape and no number in it needs a second look: see `inspect-json.ts`. */
  readonly isPlain: boolean;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const DOT = 0x2e;
const COLON = 0x3a;
const ZERO = 0x30;
const NINE = 0x39;
const LOWER_CASE_BIT = 0x20;

/** An integer of at most this many characters is exact as a double. */
const MAX_EXACT_INTEGER_LENGTH = 15;
/** A fraction of at most this many characters cannot round to zero, unless it has an exponent. */
const MAX_PLAIN_FRACTION_LENGTH = 300;

/** Looks over `bytes` from `start` to `end` once. Any bytes are taken; of text that is not JSON it says nothing useful. */
export function scanJson(bytes: Uint8Array, start: number, end: number): JsonScan {
  let depth = 0;
  let names = 0;
  let isPlain = true;
  let at = start;
  while (at < end) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      for (at += 1; at < end; at += 1) {
        const inner = bytes[at]!;
        if (inner === QUOTE) break;
        if (inner !== BACKSLASH) continue;
        at += 1;
        if (isDangerousEscape(bytes, at)) isPlain = false;
      }
    } else if (byte === COLON) {
      names += 1;
    } else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > MAX_DEPTH) return { isTooDeep: true, names, isPlain };
    } else if (byte === 0x7d || byte === 0x5d) {
      depth -= 1;
    } else if (byte === MINUS || (byte >= ZERO && byte <= NINE)) {
      const from = at;
      at = endOfNumber(bytes, at, end);
      if (!isPlainNumber(bytes, from, at)) isPlain = false;
      continue;
    }
    at += 1;
  }
  return { isTooDeep: false, names, isPlain };
}

/** `\u0000` is what Postgres cannot hold; `\ud800` to `\udfff` are halves of a character that may lack the other half. */
function isDangerousEscape(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== 0x75) return false;
  const first = bytes[at + 1]!;
  if ((first | LOWER_CASE_BIT) === 0x64) return bytes[at + 2]! >= 0x38;
  return first === ZERO && bytes[at + 2] === ZERO && bytes[at + 3] === ZERO && bytes[at + 4] === ZERO;
}

function endOfNumber(bytes: Uint8Array, start: number, end: number): number {
  let at = start + 1;
  while (at < end) {
    const byte = bytes[at]!;
    const belongs =
      (byte >= ZERO && byte <= NINE) ||
      byte === DOT ||
      byte === MINUS ||
      byte === 0x2b ||
      (byte | LOWER_CASE_BIT) === 0x65;
    if (!belongs) break;
    at += 1;
  }
  return at;
}

function isPlainNumber(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start <= MAX_EXACT_INTEGER_LENGTH) return !hasByte(bytes, start, end, 0x65, 0x45);
  if (end - start > MAX_PLAIN_FRACTION_LENGTH) return false;
  return hasByte(bytes, start, end, DOT, DOT) && !hasByte(bytes, start, end, 0x65, 0x45);
}

function hasByte(bytes: Uint8Array, start: number, end: number, one: number, other: number): boolean {
  for (let at = start; at < end; at += 1) {
    if (bytes[at] === one || bytes[at] === other) return true;
  }
  return false;
}
