/** Where one element of an array stands in the bytes. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;

/**
 * The elements of a file that is one JSON array and nothing else; undefined where it is something else. Only brackets,
 * commas and texts are looked at: whether an element is JSON is told when it is decoded.
 */
export function findArrayElements(bytes: Buffer): readonly ByteRange[] | undefined {
  const open = firstNonBlank(bytes, 0);
  if (bytes[open] !== OPEN_BRACKET) return undefined;
  const elements: ByteRange[] = [];
  let depth = 0;
  let from = open + 1;
  for (let at = open; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      at = endOfText(bytes, at);
    } else if (byte === 0x7b || byte === OPEN_BRACKET) {
      depth += 1;
    } else if (byte === COMMA && depth === 1) {
      elements.push(trim(bytes, from, at));
      from = at + 1;
    } else if (byte === 0x7d || byte === 0x5d) {
      depth -= 1;
      if (depth > 0) continue;
      if (firstNonBlank(bytes, at + 1) < bytes.length) return undefined;
      const last = trim(bytes, from, at);
      const isEmptyArray = elements.length === 0 && last.start === last.end;
      if (!isEmptyArray) elements.push(last);
      return elements;
    }
  }
  return undefined;
}

/** The place of the first byte from `start` on that is no blank of JSON; the length where there is none. */
export function firstNonBlank(bytes: Uint8Array, start: number, end: number = bytes.length): number {
  let at = start;
  while (at < end && isBlank(bytes[at]!)) at += 1;
  return at;
}

function trim(bytes: Uint8Array, start: number, end: number): ByteRange {
  const from = firstNonBlank(bytes, start, end);
  let to = end;
  while (to > from && isBlank(bytes[to - 1]!)) to -= 1;
  return { start: from, end: to };
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** The place of the closing quote. */
function endOfText(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}
