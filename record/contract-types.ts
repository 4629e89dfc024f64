import * as v from 'valibot';
import type { GenericSchema } from 'valibot';
import type { ColumnType, NumericType } from '../model/column.ts';
import { isInTimeWindow, parseTimestamp } from './parse-timestamp.ts';
import type { TimestampZone } from './parse-timestamp.ts';

export { money } from './money.ts';
export type { Money } from './money.ts';
export { orNull } from './or-null.ts';
export type { OrNullSchema } from './or-null.ts';

/** The type by which a `rule(…)` of a contract, and what it holds back, is known. */
export const RULE = 'rule';

/** The text of a point in time, checked by `timestamp()`. */
export type Timestamp = string & v.Brand<'Timestamp'>;

/** The text of a UUID, checked by `uuid()`. */
export type Uuid = string & v.Brand<'Uuid'>;

/** What `timestamp()`, `uuid()`, `money()`, `csvNumber()` and its like say of themselves, as metadata under the name `hourloom`. */
export type OwnType =
  | { readonly type: 'timestamptz'; readonly zone?: TimestampZone }
  | { readonly type: 'uuid' }
  | { readonly type: NumericType }
  | { readonly type: 'double precision' | 'bigint' | 'boolean'; readonly from: 'text' };

export interface TimestampOptions {
  /** Lets a timestamp without an offset mean this zone; else such a timestamp is quarantined. */
  readonly zone?: TimestampZone;
}

/** What an issue of `timestamp()` expected, by the reason under which its record is quarantined. */
export const TIMESTAMP_EXPECTED = {
  timestamp: 'a timestamp such as 2019-06-01T18:17:03.087Z',
  time_window: 'a timestamp in the years 1900 to 2100',
} as const;

/** What a column made of a leaf of a contract holds. */
export interface LeafType {
  readonly type: ColumnType;
  readonly nullable: boolean;
}

/**
 * A point in time as RFC 3339 text, in the years 1900 to 2100; a `timestamptz` column. Digits finer than microseconds
 * are cut off.
 */
export function timestamp({ zone }: TimestampOptions = {}): GenericSchema<string, Timestamp> {
  const own: OwnType = zone === undefined ? { type: 'timestamptz' } : { type: 'timestamptz', zone };
  return v.pipe(
    v.string(),
    v.rawCheck(({ dataset, addIssue }) => {
      const defect = dataset.typed ? findTimestampDefect(dataset.value, zone) : undefined;
      if (defect) addIssue({ expected: TIMESTAMP_EXPECTED[defect] });
    }),
    v.metadata({ hourloom: own }),
    v.brand('Timestamp'),
  );
}

/** A UUID as text, in lower or upper case; a `uuid` column. */
export function uuid(): GenericSchema<string, Uuid> {
  const own: OwnType = { type: 'uuid' };
  return v.pipe(
    v.string(),
    v.rawCheck(({ dataset, addIssue }) => {
      if (dataset.typed && !isUuid(dataset.value)) addIssue({ expected: 'a UUID' });
    }),
    v.metadata({ hourloom: own }),
    v.brand('Uuid'),
  );
}

/** A number written as text, as CSV has it: `12`, `-3.5`, `1e6`; a `double precision` column. */
export function csvNumber(): GenericSchema<string, number> {
  return fromText('double precision', { expected: 'the text of a number', read: readNumberText });
}

/** An integer written as text; a `bigint` column. */
export function csvInteger(): GenericSchema<string, number> {
  const read = (text: string) => (/^[+-]?\d+$/u.test(text) ? readNumberText(text) : undefined);
  return fromText('bigint', { expected: 'the text of an integer', read });
}

/** `true` or `false`, `t` or `f`, `yes` or `no`, `1` or `0` as text, in lower or upper case; a `boolean` column. */
export function csvBoolean(): GenericSchema<string, boolean> {
  return fromText('boolean', {
    expected: 'true or false as text',
    read: (text) => BOOLEAN_TEXTS.get(text.toLowerCase()),
  });
}

const BOOLEAN_TEXTS: ReadonlyMap<string, boolean> = new Map(
  [true, false].flatMap((value) =>
    (value ? ['true', 't', 'yes', '1'] : ['false', 'f', 'no', '0']).map((text) => [text, value]),
  ),
);

interface TextReader<Value> {
  readonly expected: string;
  /** Undefined where the text, without blanks around it, says none. */
  readonly read: (text: string) => Value | undefined;
}

function fromText<Value extends number | boolean>(
  type: 'double precision' | 'bigint' | 'boolean',
  { expected, read }: TextReader<Value>,
): GenericSchema<string, Value> {
  const own: OwnType = { type, from: 'text' };
  return v.pipe(
    v.string(),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const value = read(dataset.value.trim());
      if (value !== undefined) return value;
      addIssue({ expected });
      return NEVER;
    }),
    v.metadata({ hourloom: own }),
  );
}

/** Undefined where the text is no number, or an integer that would become another one. */
function readNumberText(text: string): number | undefined {
  if (!/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/u.test(text)) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) return undefined;
  const isAnother =
    !Number.isSafeInteger(value) && /^[+-]?\d+$/u.test(text) && BigInt(text.replace('+', '')) !== BigInt(value);
  return isAnother ? undefined : value;
}

/** The reason for which `timestamp()` refuses a text; undefined where it takes it. */
export function findTimestampDefect(text: string, zone?: TimestampZone): keyof typeof TIMESTAMP_EXPECTED | undefined {
  const microseconds = parseTimestamp(text, zone);
  if (microseconds === undefined) return 'timestamp';
  return isInTimeWindow(microseconds) ? undefined : 'time_window';
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/iu;

/** Whether a text is a UUID in its canonical shape, in lower or upper case. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/**
 * The column that a leaf of a contract makes; undefined for objects, arrays and everything that no column can hold, such
 * as a union of types or a value that a transformation turned into something else.
 */
export function columnTypeOf(schema: GenericSchema): LeafType | undefined {
  const { inner, nullable } = unwrap(schema);
  const type = typeOfPipe(inner);
  return type === undefined ? undefined : { type, nullable };
}

/** What `timestamp()`, `uuid()` and their like said of a schema; undefined for every other one. */
export function findOwnType(schema: GenericSchema): OwnType | undefined {
  for (const item of (schema as SchemaParts).pipe ?? []) {
    const own = readOwnType(item);
    if (own) return own;
    // A pipe on top of one of our types has that type, with its own pipe, as its first item.
    if (item.kind === 'schema' && item.pipe) return findOwnType(item);
  }
  return undefined;
}

function readOwnType(item: PipeItem): OwnType | undefined {
  return item.kind === 'metadata' ? (item.metadata as { hourloom?: OwnType } | undefined)?.hourloom : undefined;
}

/** The members by which valibot's schemas and actions tell what they are. */
export interface SchemaParts extends GenericSchema {
  readonly pipe?: readonly PipeItem[];
  readonly wrapped?: SchemaParts;
  readonly default?: unknown;
  readonly fallback?: unknown;
  readonly entries?: Readonly<Record<string, SchemaParts>>;
  readonly item?: SchemaParts;
  readonly literal?: unknown;
  readonly options?: readonly unknown[];
}

/** A schema or an action, as it stands in a pipe. */
export type PipeItem =
  | SchemaParts
  | { readonly kind: 'validation' | 'transformation' | 'metadata'; readonly type: string; readonly metadata?: unknown };

const WRAPPERS = new Set(['optional', 'nullable', 'nullish', 'exact_optional', 'undefinedable']);
const SAME_TYPE = new Set([
  'brand',
  'flavor',
  'readonly',
  'trim',
  'trim_start',
  'trim_end',
  'to_lower_case',
  'to_upper_case',
]);

function unwrap(schema: SchemaParts): { inner: SchemaParts; nullable: boolean } {
  let inner = schema;
  let nullable = false;
  while (WRAPPERS.has(inner.type) && inner.wrapped) {
    // With a default something always stands there, so that what was inside decides.
    nullable ||= inner.default === undefined || inner.default === null;
    inner = inner.wrapped;
  }
  return { inner, nullable };
}

/** A pipe may begin with another pipe: each step goes on from what the steps before it gave. */
function typeOfPipe(schema: SchemaParts): ColumnType | undefined {
  if (!schema.pipe) return typeOfSchema(schema);
  const own = schema.pipe.map(readOwnType).find((found) => found !== undefined);
  if (own) return own.type;
  const [first, ...items] = schema.pipe;
  let type = typeOfPipe(first as SchemaParts);
  for (const item of items) {
    if (item.type === 'integer' || item.type === 'safe_integer') type = type === 'double precision' ? 'bigint' : type;
    if (changesType(item)) return undefined;
  }
  return type;
}

/** After such a step of a pipe the value may be anything. */
function changesType(item: PipeItem): boolean {
  return item.kind === 'transformation' && !SAME_TYPE.has(item.type);
}

function typeOfSchema(schema: SchemaParts): ColumnType | undefined {
  switch (schema.type) {
    case 'string':
      return 'text';
    case 'number':
      return 'double precision';
    case 'boolean':
      return 'boolean';
    case 'literal':
      return typeOfValues([schema.literal]);
    case 'picklist':
      return typeOfValues(schema.options ?? []);
    default:
      return undefined;
  }
}

function typeOfValues(values: readonly unknown[]): ColumnType | undefined {
  const kinds = new Set(values.map((value) => typeof value));
  if (kinds.size !== 1) return undefined;
  if (kinds.has('string')) return 'text';
  if (kinds.has('boolean')) return 'boolean';
  return kinds.has('number') ? 'double precision' : undefined;
}
