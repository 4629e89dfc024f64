import { show } from './attempt-log.ts';

/** A record as a line of the merged object. */
export interface EncodedRecord {
  readonly line: string;
  /** What of it JSON cannot carry; its line is then no JSON, and ends in quarantine. */
  readonly problem: string | undefined;
}

/** Tags of what JSON writes as it is. Others, such as a Map, it would write as `{}`. */
const PLAIN = new Set(['[object Object]', '[object Array]', '[object String]', '[object Number]', '[object Boolean]']);

/**
 * Writes a record as one line of JSON. JSON would drop or change what it cannot carry (a bigint, NaN, a Map, undefined in
 * an array) or throw (a circle): such a record is written as a person reads it. That is no JSON, so that it is
 * quarantined at its number, and seen there. A field that is undefined is one that is not there.
 */
export function encodeRecord(record: unknown): EncodedRecord {
  let problem: string | undefined;
  try {
    const json = JSON.stringify(record, function (this: Readonly<Record<string, unknown>>, name, value: unknown) {
      problem ??= findProblem(this, name, value);
      return typeof value === 'bigint' ? null : value;
    }) as string | undefined;
    if (json === undefined) problem ??= 'the record is nothing';
    if (json !== undefined && problem === undefined) return { line: json, problem };
  } catch (error) {
    problem ??= (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
  }
  return { line: `not JSON, ${problem}: ${show(record)}`, problem };
}

function findProblem(holder: Readonly<Record<string, unknown>>, name: string, value: unknown): string | undefined {
  const what = Array.isArray(holder) ? `element ${name}` : name === '' ? 'the record' : `field ${name}`;
  switch (typeof value) {
    case 'bigint':
      return `${what} is a bigint`;
    case 'function':
    case 'symbol':
      return `${what} is a ${typeof value}`;
    case 'number':
      return Number.isFinite(value) ? undefined : `${what} is ${value}`;
    case 'undefined':
      return Array.isArray(holder) ? `${what} is undefined` : undefined;
    case 'object': {
      // A date that is none becomes null before it gets here.
      const own = holder[name];
      if (own instanceof Date && Number.isNaN(own.getTime())) return `${what} is no date`;
      const tag = Object.prototype.toString.call(value);
      return value === null || PLAIN.has(tag) ? undefined : `${what} is a ${tag.slice(8, -1)}`;
    }
    default:
      return undefined;
  }
}
