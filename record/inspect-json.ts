import { quarantined } from './quarantined.ts';
import type { Quarantined } from './quarantined.ts';

/** An object that is open at some place of the text. */
interface OpenObject {
  readonly names: Set<string>;
  /** The name that it stands under in the object around it. */
  readonly under: string;
  lastName: string;
}

/**
 * Reads a text that is known to be valid JSON, token by token, and finds the first thing that `JSON.parse` lets pass but
 * that does not mean the same to every reader or cannot be stored: a name that comes twice, a name that reaches into a
 * prototype, NUL, half a surrogate pair, a number that no double holds. Undefined where all is well.
 */
export function inspectJson(text: string): Quarantined | undefined {
  const open: OpenObject[] = [];
  let at = 0;
  while (at < text.length) {
    const char = text[at]!;
    const object = open.at(-1);
    let end = at + 1;
    let defect: Quarantined | undefined;
    if (char === '"') {
      end = endOfString(text, at);
      const value = readString(text.slice(at, end));
      defect = inspectText(value);
      if (!defect && object && isName(text, end)) defect = addName(object, value);
    } else if (char === '{') {
      open.push({ names: new Set(), under: object?.lastName ?? '', lastName: '' });
    } else if (char === '}') {
      open.pop();
    } else if (char === '-' || (char >= '0' && char <= '9')) {
      end = endOfNumber(text, at);
      defect = inspectNumber(text.slice(at, end));
    }
    if (defect) return defect;
    at = end;
  }
  return undefined;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function readString(token: string): string {
  return token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1);
}

function isName(text: string, end: number): boolean {
  let at = end;
  while (text[at] === ' ' || text[at] === '\t' || text[at] === '\n' || text[at] === '\r') at += 1;
  return text[at] === ':';
}

function inspectText(value: string): Quarantined | undefined {
  if (value.includes('\0')) return quarantined('nul', 'a text or name holds NUL (\\u0000)');
  if (/\p{Surrogate}/u.test(value)) return quarantined('surrogate', 'a text or name holds half of a surrogate pair');
  return undefined;
}

function addName(object: OpenObject, name: string): Quarantined | undefined {
  if (name === '__proto__' || (name === 'prototype' && object.under === 'constructor')) {
    return quarantined('forbidden_key', `the name "${name}" could reach into a prototype`);
  }
  if (object.names.has(name))
    return quarantined('dup_key', `the name ${JSON.stringify(name.slice(0, 100))} is there twice`);
  object.names.add(name);
  object.lastName = name;
  return undefined;
}

function endOfNumber(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && '0123456789.eE+-'.includes(text[at]!)) at += 1;
  return at;
}

function inspectNumber(token: string): Quarantined | undefined {
  const value = Number(token);
  if (!Number.isFinite(value)) return quarantined('number_range', `the number ${token.slice(0, 40)} is too large`);
  const [mantissa = ''] = token.split(/[eE]/u);
  const isRounded = /[.eE]/u.test(token) ? value === 0 && /[1-9]/u.test(mantissa) : BigInt(token) !== BigInt(value);
  return isRounded
    ? quarantined('number_precision', `the number ${token.slice(0, 40)} would become ${value}`)
    : undefined;
}
