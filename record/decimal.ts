import type { Buffer } from 'node:buffer';
import type { NumericType } from '../model/column.ts';
import type { RowBuffer } from './row-buffer.ts';
import { writeInt32At } from './row-buffer.ts';

/** How many digits a decimal can have, and how many of them after the point. */
export interface DecimalSize {
  readonly precision: number;
  readonly scale: number;
}

/** A decimal taken apart: the digits before and after the point, without zeros that say nothing. */
interface Decimal {
  readonly isNegative: boolean;
  readonly whole: string;
  readonly fraction: string;
}

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/u;
const NUMERIC = /^numeric\((\d+),(\d+)\)$/u;
const GROUP_DIGITS = 4;
const NEGATIVE = 0x4000;

/** The type of column that holds decimals of this size. */
export function numericType({ precision, scale }: DecimalSize): NumericType {
  return `numeric(${precision},${scale})`;
}

/** The inverse of `numericType`; undefined for every other type. */
export function readNumericType(type: string): DecimalSize | undefined {
  const match = NUMERIC.exec(type);
  return match ? { precision: Number(match[1]), scale: Number(match[2]) } : undefined;
}

/** Whether a value is a decimal that a column of this size holds as it is: it would never be rounded. */
export function isDecimal(value: unknown, size: DecimalSize): value is string | number {
  return parseDecimal(value, size) !== undefined;
}

/**
 * A decimal with all digits after the point, as Postgres prints it: `21.0000`. Ids are hashed over this text, so its
 * shape may never change.
 */
export function formatDecimal(value: string | number, size: DecimalSize): string {
  const decimal = parseDecimal(value, size);
  if (!decimal) throw new RangeError(`${value} is no ${numericType(size)}.`);
  const { isNegative, whole, fraction } = decimal;
  const digits = size.scale === 0 ? '' : `.${fraction.padEnd(size.scale, '0')}`;
  return `${isNegative ? '-' : ''}${whole === '' ? '0' : whole}${digits}`;
}

/** Appends the field of COPY BINARY: the same bytes for each way to write a number. False where it does not fit. */
export function writeDecimal(row: RowBuffer, value: unknown, size: DecimalSize): boolean {
  const decimal = parseDecimal(value, size);
  if (!decimal) return false;
  const { isNegative, whole, fraction } = decimal;
  const groupsBefore = Math.ceil(whole.length / GROUP_DIGITS);
  const before = whole.padStart(groupsBefore * GROUP_DIGITS, '0');
  const after = fraction.padEnd(Math.ceil(fraction.length / GROUP_DIGITS) * GROUP_DIGITS, '0');
  const digits = before + after;

  let from = 0;
  let to = digits.length;
  while (from < to && digits.startsWith('0000', from)) from += GROUP_DIGITS;
  while (to > from && digits.endsWith('0000', to)) to -= GROUP_DIGITS;

  const sizeAt = row.length;
  row.writeInt32(0);
  row.writeInt16((to - from) / GROUP_DIGITS);
  row.writeInt16(from === to ? 0 : groupsBefore - 1 - from / GROUP_DIGITS);
  row.writeInt16(isNegative ? NEGATIVE : 0);
  row.writeInt16(size.scale);
  for (let at = from; at < to; at += GROUP_DIGITS) row.writeInt16(Number(digits.slice(at, at + GROUP_DIGITS)));
  writeInt32At(row.bytes, sizeAt, row.length - sizeAt - 4);
  return true;
}

/** The inverse of `writeDecimal`, with all digits after the point: `21.0000`. */
export function readDecimal(field: Buffer): string {
  const groups = field.readInt16BE(0);
  const weight = field.readInt16BE(2);
  const sign = field.readUInt16BE(4) === NEGATIVE ? '-' : '';
  const scale = field.readInt16BE(6);
  const groupAt = (place: number): string => {
    const index = weight - place;
    const group = index < 0 || index >= groups ? 0 : field.readInt16BE(8 + 2 * index);
    return String(group).padStart(GROUP_DIGITS, '0');
  };
  let whole = '';
  for (let place = Math.max(weight, 0); place >= 0; place -= 1) whole += groupAt(place);
  let fraction = '';
  for (let place = -1; fraction.length < scale; place -= 1) fraction += groupAt(place);
  const digits = scale === 0 ? '' : `.${fraction.slice(0, scale)}`;
  return `${sign}${whole.replace(/^0+(?=\d)/u, '')}${digits}`;
}

/** Undefined where it is no decimal, or has more digits than the size allows. */
function parseDecimal(value: unknown, { precision, scale }: DecimalSize): Decimal | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const match = DECIMAL.exec(typeof value === 'string' ? value : printNumber(value));
  if (!match) return undefined;
  const whole = match[2]!.replace(/^0+/u, '');
  const fraction = dropZerosAtEnd(match[3] ?? '');
  if (whole.length > precision - scale || fraction.length > scale) return undefined;
  return { isNegative: match[1] === '-' && whole + fraction !== '', whole, fraction };
}

/** By position: a pattern for it would look at each zero of a long text again and again. */
function dropZerosAtEnd(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}

/** As the number was most shortly written, without an exponent. */
function printNumber(value: number): string {
  const text = String(value);
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/u.exec(text);
  if (!match) return text;
  const [, sign = '', first = '', rest = '', exponent = '0'] = match;
  const shift = Number(exponent);
  if (shift < 0) return `${sign}0.${'0'.repeat(-shift - 1)}${first}${rest}`;
  return sign + first + rest.padEnd(shift, '0');
}
