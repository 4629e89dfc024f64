import { inspect } from 'node:util';
import type { LogLine, Meta, MetaValue } from '../../model/attempt-note.ts';
import { redactAll } from './redact.ts';
import type { Redact } from './redact.ts';

/** More lines, or bytes, of one attempt are counted and not kept. */
export interface LogLimits {
  readonly lines: number;
  readonly bytes: number;
}

export const LOG_LIMITS: LogLimits = { lines: 2_000, bytes: 256 * 1024 };

const MAX_TEXT_LENGTH = 4_000;
/** Looked through for secrets before it is cut: a half of one that stood at the cut would be shown. */
const MAX_READ_LENGTH = 64_000;
const MAX_META_BYTES = 4 * 1024;
const MAX_META_VALUES = 100;
/** What Postgres cannot hold in a text. */
const UNSTORABLE = /\0|\p{Surrogate}/u;

/** What is said during one attempt, in bounded memory and without secrets. After `close` nothing is taken any more. */
export class AttemptLog {
  readonly #redact: Redact;
  readonly #limits: LogLimits;
  readonly #lines: string[] = [];
  #meta: Meta = {};
  #bytes = 0;
  #left = 0;
  #isOpen = true;

  constructor(redact: Redact, limits: LogLimits = LOG_LIMITS) {
    this.#redact = redact;
    this.#limits = limits;
  }

  /** Takes a line; never throws, whatever it is given: a log that ends what it tells of is none. */
  add(text: string, fields?: Readonly<Record<string, unknown>>): void {
    if (!this.#isOpen) return;
    const line = `${writeLine(this.#redact, { at: Date.now(), text: toText(text) }, fields)}\n`;
    const bytes = Buffer.byteLength(line);
    const isFull = this.#lines.length >= this.#limits.lines || this.#bytes + bytes > this.#limits.bytes;
    if (isFull || this.#left > 0) {
      this.#left += 1;
      return;
    }
    this.#lines.push(line);
    this.#bytes += bytes;
  }

  /** Takes values; those that cannot be kept are told of in the log. */
  note(values: Readonly<Record<string, MetaValue>>): void {
    if (!this.#isOpen) return;
    for (const [name, value] of Object.entries(values ?? {})) {
      const problem = findProblem(name) ?? findProblem(value);
      const meta = { ...this.#meta, [this.#redact(name)]: typeof value === 'string' ? this.#redact(value) : value };
      if (problem !== undefined) this.add(`meta leaves out "${name}": ${problem}`);
      else if (Object.keys(meta).length > MAX_META_VALUES) this.add(`meta leaves out "${name}": 100 values are there`);
      else if (Buffer.byteLength(JSON.stringify(meta)) > MAX_META_BYTES)
        this.add(`meta leaves out "${name}": 4 KB are full`);
      else this.#meta = meta;
    }
  }

  /** All that was noted; undefined where nothing was. */
  get meta(): Meta | undefined {
    return Object.keys(this.#meta).length === 0 ? undefined : this.#meta;
  }

  /** Ends it, and gives its lines: one JSON document each. */
  close(): Buffer {
    this.#isOpen = false;
    const rest = `${this.#left} more lines were left out: a log holds ${this.#limits.lines} lines and ${this.#limits.bytes} bytes.`;
    if (this.#left > 0) this.#lines.push(`${writeLine(this.#redact, { at: Date.now(), text: rest })}\n`);
    return Buffer.from(this.#lines.join(''));
  }
}

/** Lines as the lake keeps them. */
export function writeLines(lines: readonly LogLine[], redact: Redact): Buffer {
  return Buffer.from(lines.map((line) => `${writeLine(redact, line, line.fields)}\n`).join(''));
}

function writeLine(redact: Redact, { at, text }: LogLine, fields?: unknown): string {
  const line = { at: new Date(at).toISOString(), text: cut(redact(text)) };
  const read = fields === undefined ? undefined : redactAll(redact, readFields(fields));
  const written = typeof read === 'string' ? cut(read) : read;
  return JSON.stringify(written === undefined ? line : { ...line, fields: written });
}

/** As JSON where JSON can carry it, else as a person reads it. */
function readFields(fields: unknown): unknown {
  try {
    const json = JSON.stringify(fields);
    if (json.length <= MAX_TEXT_LENGTH) return JSON.parse(json);
  } catch {
    // Circular, a bigint, or with a method that throws: shown as it is.
  }
  return toText(fields);
}

function toText(value: unknown): string {
  return (typeof value === 'string' ? value : show(value)).slice(0, MAX_READ_LENGTH);
}

/** A value on one line, whatever it is. */
export function show(value: unknown): string {
  const shown = inspect(value, {
    compact: true,
    breakLength: Infinity,
    depth: 6,
    maxStringLength: MAX_READ_LENGTH,
    customInspect: false,
  });
  return shown.replaceAll(/\s*\n\s*/gu, ' ');
}

function cut(text: string): string {
  return text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH)}…` : text;
}

function findProblem(value: unknown): string | undefined {
  if (value === null || typeof value === 'boolean') return undefined;
  if (typeof value === 'string')
    return UNSTORABLE.test(value) ? 'it has a NUL, or half of a surrogate pair' : undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `it is ${value}`;
  if (value === undefined) return 'it is undefined';
  return `it is ${Array.isArray(value) ? 'an array' : `a ${typeof value}`}, and no single value`;
}
