import { isUtf8 } from 'node:buffer';
import { inspectJson } from './inspect-json.ts';
import { quarantined } from './quarantined.ts';
import type { Quarantined } from './quarantined.ts';
import { MAX_DEPTH, scanJson } from './scan-json.ts';

/** A value as JSON gives it. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** A line that was decoded, before its contract was looked at. */
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

/** One line's bytes: `bytes` from `start` to `end`, without its line ending. */
export interface LineBytes {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** The bytes around it were already found to be UTF-8, so that it need not be looked at by itself. */
  readonly isUtf8: boolean;
  /** No line ending came: the file stops here. */
  readonly isTail: boolean;
}

export type Decoded =
  | {
      readonly kind: 'decoded';
      readonly record: JsonObject;
      /** How many names of fields it has, at all depths. */
      readonly names: number;
    }
  | Quarantined;

/**
 * Decodes one line strictly: UTF-8 and one JSON object, with nothing in it that two readers could understand differently
 * or that Postgres cannot hold. Integers must be exact; fractions round as every reader of JSON rounds them.
 */
export function decodeLine(line: LineBytes): Decoded {
  const { bytes, start, end } = line;
  const scan = scanJson(bytes, start, end);
  if (scan.isTooDeep) return quarantined('depth', `nested deeper than ${MAX_DEPTH} levels`);
  const isText = line.isUtf8 || isUtf8(bytes.subarray(start, end));
  const text = bytes.toString('utf8', start, end);

  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch (error) {
    if (line.isTail)
      return quarantined('truncated_tail', 'the file ends in the middle of this line, which is not JSON');
    if (!isText) return quarantined('encoding', 'not UTF-8');
    return quarantined('bad_json', error instanceof Error ? error.message : String(error));
  }
  if (!isText) return quarantined('encoding', 'not UTF-8');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return quarantined('not_object', `expected a JSON object, received ${nameKind(value)}`);
  }
  const isClean = scan.isPlain && countNames(value) === scan.names;
  const defect = isClean ? undefined : inspectJson(text);
  return defect ?? { kind: 'decoded', record: value as JsonObject, names: scan.names };
}

/** How many names of fields a value holds, at all depths; NaN where one of them may reach into a prototype. */
function countNames(value: object): number {
  let names = 0;
  for (const name in value) {
    names += name === '__proto__' || name === 'constructor' ? Number.NaN : 1;
    const inner = (value as Readonly<Record<string, unknown>>)[name];
    if (typeof inner !== 'object' || inner === null) continue;
    // In an array the positions come as names.
    names += Array.isArray(inner) ? countNames(inner) - inner.length : countNames(inner);
  }
  return names;
}

function nameKind(value: JsonValue): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}
