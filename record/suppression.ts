import { piiFields, untoldFields } from '../model/pii-fields.ts';
import type { PipelineSpec, TableSpec } from '../model/pipeline-spec.ts';
import { compileChooseLane } from './choose-lane.ts';
import type { JsonObject } from './decode-line.ts';
import { keyIdentifier } from './erasure-key.ts';
import type { ErasureKey, IdentifierKind, KeyedIdentifier } from './erasure-key.ts';
import { findEmails } from './find-emails.ts';
import { isEmail, pseudonymOf, pseudonymOfId, pseudonymOfNumber } from './pseudonym.ts';
import { PATH_SEPARATOR, scanScalars } from './scan-scalars.ts';
import type { Scalar } from './scan-scalars.ts';

/** A line that is a person's: the one to put in its place, and what else the person is known by in it. */
export interface SuppressedLine {
  readonly text: string;
  /** Ids of the person that are on no list yet. */
  readonly learned: readonly KeyedIdentifier[];
}

/** What stands for a line of a person that no table could read anyway. It is no JSON either, so that it stays held back. */
const ERASED_LINE = 'erased';

/** A shorter word of a line that cannot be read is too likely to be somebody else's. */
const MIN_WORD = 4;
/** What has been looked at is remembered up to this many values. */
const MAX_REMEMBERED = 100_000;

interface RecordFields {
  readonly table: TableSpec;
  /** By path. */
  readonly person: ReadonlySet<string>;
  readonly others: readonly string[];
  /** Those that the definition has columns for and no mark: an e-mail in one is not the record's own. */
  readonly untold: ReadonlySet<string>;
}

/**
 * Tells the lines of persons that are to be unknown, by the list of what they are known by, and puts others in their
 * place. A line is a person's where one of its fields that persons are known by is on the list, or any of its e-mails, but
 * for those in columns that have no mark: these are mentions, in a line that is somebody else's. What no table can read
 * is searched word by word.
 */
export class Suppression {
  readonly #keys: ReadonlyMap<string, ErasureKey>;
  readonly #listed: ReadonlySet<string>;
  readonly #remembered = new Map<string, ErasureKey | undefined>();
  readonly #choose: (record: JsonObject, sourceKey: string) => RecordFields | undefined;
  readonly #personNames: ReadonlySet<string>;
  readonly #splitBy: string | undefined;

  constructor(spec: PipelineSpec, keys: readonly ErasureKey[], list: readonly KeyedIdentifier[]) {
    this.#keys = new Map(keys.map((key) => [key.id, key]));
    this.#listed = new Set(list.map(formatIdentifier));
    const fields = spec.tables.filter(({ parent }) => parent === undefined).map((table) => readFields(table, spec));
    const choose = compileChooseLane(spec, fields);
    this.#choose = (record, sourceKey) => {
      const chosen = choose(record, { sourceKey, line: 0 });
      return 'table' in chosen ? chosen : undefined;
    };
    this.#personNames = new Set(fields.flatMap(({ person }) => [...person].map(lastName)));
    this.#splitBy = spec.splitBy;
  }

  /** The line to put in the place of a person's; undefined where it is nobody's that is listed. */
  apply(line: string, sourceKey: string): SuppressedLine | undefined {
    const { scalars, isObject } = scanScalars(line);
    if (!isObject) return this.#isListedAnywhere(line) ? { text: ERASED_LINE, learned: [] } : undefined;
    const fields = this.#choose(this.#splitValue(scalars), sourceKey);
    return fields ? this.#applyFields(line, scalars, fields) : this.#applyUnknown(line, scalars);
  }

  /** Whether a row is a listed person's, by its values that persons are known by and by its e-mails. */
  isPersons(ids: readonly string[], others: readonly string[]): boolean {
    if (ids.some((id) => this.#find('id', id) !== undefined)) return true;
    return others.some((value) => this.#isEmailOf(value) !== undefined || this.#isEmailWithin(value));
  }

  /** Whether a text that is no record has, as a word of it, what a listed person is known by. */
  isIn(text: string): boolean {
    return this.#isListedAnywhere(text);
  }

  /** The key by which an e-mail is listed that this text is, or has in it. */
  #isEmailOf(text: string): ErasureKey | undefined {
    if (!text.includes('@')) return undefined;
    const whole = this.#find('email', text);
    if (whole) return whole;
    for (const { start, end } of findEmails(text)) {
      const key = this.#find('email', text.slice(start, end));
      if (key) return key;
    }
    return undefined;
  }

  /** A value may be JSON, in which what stands before an e-mail is written in another way. */
  #isEmailWithin(text: string): boolean {
    if (!text.includes('@') || !/^\s*[[{]/u.test(text)) return false;
    return scanScalars(text).scalars.some(({ value }) => this.#isEmailOf(value) !== undefined);
  }

  #isListedAnywhere(text: string): boolean {
    // What JSON writes for a line's end stands before a word as if it were a part of it.
    const plain = text.includes('\\') ? text.replaceAll(/\\(?:u[0-9a-f]{4}|.)/giu, ' ') : text;
    return this.#isListedWord(plain) || (plain !== text && this.#isListedWord(text));
  }

  #isListedWord(text: string): boolean {
    for (const { start, end } of findEmails(text)) {
      if (this.#find('email', text.slice(start, end))) return true;
    }
    for (const [word] of text.matchAll(/[^\s"'<>,;:=&|()[\]{}\\]+/gu)) {
      if (word.length >= MIN_WORD && this.#find('id', word)) return true;
    }
    for (const name of this.#personNames) {
      for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + name.length)) {
        const value = /^["']?\s*[:=]\s*["']?([^\s"',;}\]]+)/u.exec(
          text.slice(at + name.length, at + name.length + 400),
        );
        if (value?.[1] !== undefined && this.#find('id', value[1])) return true;
      }
    }
    return false;
  }

  #applyFields(
    line: string,
    scalars: readonly Scalar[],
    { person, others, untold }: RecordFields,
  ): SuppressedLine | undefined {
    const ids = scalars.filter(({ path }) => person.has(path));
    const own = scalars.filter(({ path }) => !untold.has(path));
    const key = this.#findAny(ids, own);
    if (!key) return this.#applyMentions(line, scalars);
    const isClassified = ({ path }: Scalar): boolean => others.some((other) => isWithin(path, other));
    const known = new Set(scalars.filter(isClassified).map(({ value }) => value));
    const idValues = new Set(ids.map(({ value }) => value));
    const names = [...idValues, ...scalars.map(({ value }) => value).filter(isEmail)].filter(isWord);
    const isWhole = (scalar: Scalar): boolean =>
      idValues.has(scalar.value) && (person.has(scalar.path) || isWord(scalar.value))
        ? true
        : isClassified(scalar) ||
          isEmail(scalar.value) ||
          (scalar.kind === 'text' && (isRepeated(scalar, known) || isMentioned(scalar, names)));
    const replaced = scalars.filter((scalar) => isWhole(scalar) || hasEmail(scalar));
    const learned = ids
      .map(({ value }) => value)
      .filter((value) => value !== '' && !this.#find('id', value) && !value.startsWith('erased_'))
      .map((value) => keyIdentifier(key, 'id', value));
    const put = (scalar: Scalar): string =>
      isWhole(scalar)
        ? write(key, scalar, idValues.has(scalar.value))
        : JSON.stringify(replaceEmails(scalar.value, () => key));
    return { text: replace(line, replaced, put), learned };
  }

  /** A record of somebody else that has the person's e-mail in a field or a text: that goes, and the record stays another's. */
  #applyMentions(line: string, scalars: readonly Scalar[]): SuppressedLine | undefined {
    const mentions = scalars.filter((scalar) => hasEmail(scalar) && this.#isEmailOf(scalar.value) !== undefined);
    if (mentions.length === 0) return undefined;
    const findKey = (email: string): ErasureKey | undefined => this.#find('email', email);
    return { text: replace(line, mentions, ({ value }) => JSON.stringify(replaceEmails(value, findKey))), learned: [] };
  }

  /** No table takes the record, so any field can be the person's. */
  #applyUnknown(line: string, scalars: readonly Scalar[]): SuppressedLine | undefined {
    const ids = scalars.filter(({ path, value }) => this.#personNames.has(lastName(path)) || value.length >= MIN_WORD);
    const [mention] = scalars.flatMap(({ value }) => this.#isEmailOf(value) ?? []);
    const key = this.#findAny(ids, scalars) ?? mention;
    if (!key) return undefined;
    const replaced = scalars.filter(({ path }) => path !== this.#splitBy);
    return { text: replace(line, replaced, (scalar) => write(key, scalar, false)), learned: [] };
  }

  #findAny(ids: readonly Scalar[], all: readonly Scalar[]): ErasureKey | undefined {
    for (const { value } of ids) {
      const key = this.#find('id', value);
      if (key) return key;
    }
    for (const { value } of all) {
      const key = value.includes('@') ? this.#find('email', value) : undefined;
      if (key) return key;
    }
    return undefined;
  }

  /** The key by which this value is listed. */
  #find(kind: IdentifierKind, value: string): ErasureKey | undefined {
    const asked = `${kind} ${value}`;
    if (this.#remembered.has(asked)) return this.#remembered.get(asked);
    const found = [...this.#keys.values()].find((key) =>
      this.#listed.has(formatIdentifier(keyIdentifier(key, kind, value))),
    );
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(asked, found);
    return found;
  }

  #splitValue(scalars: readonly Scalar[]): JsonObject {
    const split = scalars.find(({ path, kind }) => path === this.#splitBy && kind === 'text');
    return split && this.#splitBy !== undefined ? { [this.#splitBy]: split.value } : {};
  }
}

function readFields(table: TableSpec, { tables }: PipelineSpec): RecordFields {
  const fields = piiFields(table, tables).map(({ path, pii }) => ({ path: path.join(PATH_SEPARATOR), pii }));
  const told = new Set(fields.map(({ path }) => path));
  const untold = untoldFields(table, tables).map((path) => path.join(PATH_SEPARATOR));
  return {
    table,
    person: new Set(fields.filter(({ pii }) => pii === 'person').map(({ path }) => path)),
    others: fields.filter(({ pii }) => pii !== 'person').map(({ path }) => path),
    untold: new Set(untold.filter((path) => !told.has(path))),
  };
}

/** Whether a value is a classified field's: below it, too, and in its place where a record is not of the shape it should be. */
function isWithin(path: string, classified: string): boolean {
  if (path === classified) return true;
  return path.startsWith(`${classified}${PATH_SEPARATOR}`) || classified.startsWith(`${path}${PATH_SEPARATOR}`);
}

function isWord(value: string): boolean {
  return value.length >= MIN_WORD;
}

/** A value of the person may stand under a name that the contract does not know. */
function isRepeated({ value }: Scalar, known: ReadonlySet<string>): boolean {
  return isWord(value) && known.has(value);
}

/** Whether a longer text has an id or an e-mail of the person as a word of it: a record within a text, say. */
function isMentioned({ value }: Scalar, names: readonly string[]): boolean {
  const text = value.toLowerCase();
  return names.some((name) => {
    const sought = name.trim().toLowerCase();
    for (let at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + 1)) {
      if (!isInWord(text[at - 1]) && !isInWord(text[at + sought.length])) return true;
    }
    return false;
  });
}

function isInWord(letter: string | undefined): boolean {
  return letter !== undefined && /[\p{L}\p{N}_]/u.test(letter);
}

/** A text with an e-mail among other words. */
function hasEmail({ kind, value }: Scalar): boolean {
  return kind === 'text' && value.includes('@') && !findEmails(value).next().done;
}

/** The text with others in the place of those e-mails in it for which there is a key. */
function replaceEmails(text: string, findKey: (email: string) => ErasureKey | undefined): string {
  let at = 0;
  const pieces: string[] = [];
  for (const { start, end } of findEmails(text)) {
    const email = text.slice(start, end);
    const key = start < at ? undefined : findKey(email);
    if (!key) continue;
    pieces.push(text.slice(at, start), pseudonymOf(key, email));
    at = end;
  }
  return [...pieces, text.slice(at)].join('');
}

function write(key: ErasureKey, { kind, value }: Scalar, isId: boolean): string {
  if (kind === 'number') return pseudonymOfNumber(key, value);
  return JSON.stringify(isId ? pseudonymOfId(key, value) : pseudonymOf(key, value));
}

function replace(line: string, scalars: readonly Scalar[], put: (scalar: Scalar) => string): string {
  let at = 0;
  const pieces: string[] = [];
  for (const scalar of scalars) {
    pieces.push(line.slice(at, scalar.start), put(scalar));
    at = scalar.end;
  }
  return [...pieces, line.slice(at)].join('');
}

function formatIdentifier({ keyId, kind, hmac }: KeyedIdentifier): string {
  return `${keyId} ${kind} ${hmac}`;
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf(PATH_SEPARATOR) + 1);
}
