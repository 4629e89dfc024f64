import { keyedDigest } from './erasure-key.ts';
import type { ErasureKey } from './erasure-key.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/iu;
const EMAIL = /^[^\s@]+@[^\s@]+$/u;
const DATE = /^\d{4}-\d{2}-\d{2}$/u;
const NUMBERED = /^(?=.*\d)[\d\s()+./x-]+$/iu;
const POSTCODE = /^(?=.*\d)[A-Z\d][A-Z\d -]{1,9}$/iu;

/** Whether a text looks like an e-mail. */
export function isEmail(text: string): boolean {
  return EMAIL.test(text.trim());
}

/**
 * What stands for a person's id: `erased_` and 20 hex digits, which no living one is. A UUID becomes one of version 8,
 * which is for uses of one's own, and whose end is the proof that this key made it: its shape alone tells it from none.
 */
export function pseudonymOfId(key: ErasureKey, id: string): string {
  const hex = keyedDigest(key, 'erased id', id.trim());
  if (!UUID.test(id.trim())) return `erased_${hex.slice(0, 20)}`;
  const start = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}`;
  return `${start}-${proveUuid(key, start)}`;
}

/** Whether a value that persons are known by stands for one who was erased by one of these keys. */
export function isPseudonym(keys: readonly ErasureKey[], value: string): boolean {
  const text = value.trim().toLowerCase();
  if (ERASED.test(text)) return true;
  return UUID.test(text) && keys.some((key) => text.endsWith(`-${proveUuid(key, text.slice(0, START_OF_UUID))}`));
}

const ERASED = /^erased_[0-9a-f]{20}(?:@erased\.invalid)?$/u;
/** All of a UUID before its last dash. */
const START_OF_UUID = 23;

function proveUuid(key: ErasureKey, start: string): string {
  return keyedDigest(key, 'erased uuid', start).slice(0, 12);
}

/**
 * What stands for any other value of a person. E-mails, phone numbers, postcodes and dates keep their shape, so that what
 * reads them still can; any other text becomes `erased_` and 20 hex digits. The same value gives the same.
 */
export function pseudonymOf(key: ErasureKey, value: string): string {
  if (value.trim() === '') return value;
  const text = value.trim();
  if (EMAIL.test(text))
    return `erased_${keyedDigest(key, 'erased email', text.toLowerCase()).slice(0, 20)}@erased.invalid`;
  const hex = keyedDigest(key, 'erased', value);
  if (UUID.test(text)) return pseudonymOfId(key, text);
  if (DATE.test(text)) return pseudonymOfDate(hex);
  if (NUMBERED.test(text) || POSTCODE.test(text)) return keepShape(hex, value);
  return `erased_${hex.slice(0, 20)}`;
}

/** Other digits in a number: it stays one, of as many digits. */
export function pseudonymOfNumber(key: ErasureKey, value: string): string {
  const shaped = keepShape(keyedDigest(key, 'erased', value), value.split(/[eE.]/u, 1)[0] ?? value);
  return shaped.replace(/^(-?)0+(?=\d)/u, (_, sign: string) => sign) || '0';
}

function pseudonymOfDate(hex: string): string {
  const part = (at: number, from: number, count: number): number =>
    from + (Number.parseInt(hex.slice(at, at + 8), 16) % count);
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${part(0, 1900, 100)}-${two(part(8, 1, 12))}-${two(part(16, 1, 28))}`;
}

/** Each digit another, each letter another of the same case; blanks and signs stay. */
function keepShape(hex: string, value: string): string {
  let at = 0;
  const draw = (count: number): number => {
    const drawn = Number.parseInt(hex.slice(at % 56, (at % 56) + 8), 16);
    at += 7;
    return (drawn + at) % count;
  };
  const shaped = value.replaceAll(/[0-9A-Za-z]/gu, (letter) => {
    if (/\d/u.test(letter)) return String(draw(10));
    return String.fromCodePoint((letter < 'a' ? 65 : 97) + draw(26));
  });
  if (shaped !== value) return shaped;
  return value.replaceAll(/\d/gu, (digit) => String((Number(digit) + 1) % 10));
}
