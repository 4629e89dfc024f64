import type { GenericSchema } from 'valibot';
import { findOwnType, findTimestampDefect, isUuid } from './contract-types.ts';
import type { OwnType, PipeItem, SchemaParts } from './contract-types.ts';
import { isDecimal, readNumericType } from './decimal.ts';

/** Whether a value keeps a contract. */
export type Predicate = (value: unknown) => boolean;

/** What a predicate tells besides its verdict, so that nothing has to be walked twice. */
export interface FoundNames {
  /** A predicate that holds has added how many of the value's names, at all depths, the contract knows. */
  names: number;
  /** `names` counts each once. */
  isSure: boolean;
  /** A check looks at an object as a whole, and so could see what a parse would have stripped. */
  seesObjects: boolean;
}

/** Before anything was compiled. */
export function foundNothing(): FoundNames {
  return { names: 0, isSure: true, seesObjects: false };
}

/**
 * A contract as one predicate, several times faster than a parse. A value that it holds is one that `safeParse` lets
 * pass as it is; where nothing in the contract changes values, it says of every value what `safeParse` says. Only for
 * the closed list below; undefined for every other contract, which must be parsed.
 */
export function compileContract(contract: GenericSchema, found: FoundNames = foundNothing()): Predicate | undefined {
  return compile(contract, found);
}

function compile(schema: SchemaParts, found: FoundNames): Predicate | undefined {
  if (schema.fallback !== undefined || schema.async) return undefined;
  return compileOwnType(schema) ?? (schema.pipe ? compilePipe(schema.pipe, found) : compilePlain(schema, found));
}

/** `timestamp()`, `uuid()` and `money()` as they are, without more in their pipe than they put there. */
function compileOwnType(schema: SchemaParts): Predicate | undefined {
  const own = findOwnType(schema);
  const isBare = schema.pipe?.every((item) => {
    // A pipe on top of one of ours holds ours as its first item, and may check more.
    if ('pipe' in item) return false;
    return OWN_ITEMS.has(item.type) || item.kind === 'metadata';
  });
  return own && isBare ? checkOwnType(own) : undefined;
}

const OWN_ITEMS = new Set(['string', 'union', 'raw_check', 'brand']);

function checkOwnType(own: OwnType): Predicate | undefined {
  if (own.type === 'uuid') return (value) => typeof value === 'string' && isUuid(value);
  if (own.type === 'timestamptz') {
    const { zone } = own;
    return (value) => typeof value === 'string' && findTimestampDefect(value, zone) === undefined;
  }
  const size = readNumericType(own.type);
  return size && ((value) => isDecimal(value, size));
}

function compilePlain(schema: SchemaParts, found: FoundNames): Predicate | undefined {
  switch (schema.type) {
    case 'string':
      return (value) => typeof value === 'string';
    case 'number':
      return (value) => typeof value === 'number' && !Number.isNaN(value);
    case 'boolean':
      return (value) => typeof value === 'boolean';
    case 'literal':
      return compileOneOf([schema.literal]);
    case 'picklist':
      return compileOneOf(schema.options ?? []);
    case 'optional':
    case 'nullable':
    case 'nullish':
      return compileWrapper(schema, found);
    case 'array':
      return compileArray(schema, found);
    case 'object':
      return compileObject(schema, found);
    default:
      return undefined;
  }
}

function compileOneOf(options: readonly unknown[]): Predicate {
  if (options.length !== 1) return (value) => options.includes(value);
  const [only] = options;
  // Unlike `===`, and like valibot, `includes` takes NaN for itself.
  return typeof only === 'number' ? (value) => options.includes(value) : (value) => value === only;
}

function compileWrapper(schema: SchemaParts, found: FoundNames): Predicate | undefined {
  const inner = schema.wrapped && compile(schema.wrapped, found);
  if (!inner || schema.default !== undefined) return undefined;
  switch (schema.type) {
    case 'optional':
      return (value) => value === undefined || inner(value);
    case 'nullable':
      return (value) => value === null || inner(value);
    default:
      return (value) => value === null || value === undefined || inner(value);
  }
}

function compileArray(schema: SchemaParts, found: FoundNames): Predicate | undefined {
  const item = schema.item && compile(schema.item, found);
  if (!item) return undefined;
  return (value) => {
    if (!Array.isArray(value)) return false;
    // Not `every`, which skips holes.
    for (const element of value) if (!item(element)) return false;
    return true;
  };
}

interface Entry {
  readonly name: string;
  readonly mayBeMissing: boolean;
  readonly holds: Predicate;
}

function compileObject(schema: SchemaParts, found: FoundNames): Predicate | undefined {
  const entries: Entry[] = [];
  for (const [name, entry] of Object.entries(schema.entries ?? {})) {
    const holds = compile(entry, found);
    if (!holds) return undefined;
    entries.push({ name, holds, mayBeMissing: entry.type === 'optional' || entry.type === 'nullish' });
  }
  return (value) => {
    if (typeof value !== 'object' || value === null) return false;
    const record = value as Readonly<Record<string, unknown>>;
    let known = 0;
    for (const { name, holds, mayBeMissing } of entries) {
      const field = record[name];
      if (field === undefined && !(name in record)) {
        if (!mayBeMissing) return false;
      } else {
        if (!holds(field)) return false;
        known += 1;
      }
    }
    found.names += known;
    return true;
  };
}

/** Every step of a pipe must be a schema or a check; a check is asked as it is, so that there is no second one. */
function compilePipe(pipe: readonly PipeItem[], found: FoundNames): Predicate | undefined {
  const steps: Predicate[] = [];
  for (const item of pipe) {
    if (item.kind === 'metadata' || UNCHANGING.has(item.type)) continue;
    const step =
      item.kind === 'schema' ? compile(item, found) : item.kind === 'validation' ? compileCheck(item) : undefined;
    if (!step) return undefined;
    if (steps.length > 0 && item.kind === 'schema') found.isSure = false;
    if (item.kind === 'validation' && pipe[0] && !SCALARS.has(pipe[0].type)) found.seesObjects = true;
    steps.push(step);
  }
  return (value) => steps.every((step) => step(value));
}

/** What holds no object that a check could look into. */
const SCALARS = new Set(['string', 'number', 'boolean', 'literal', 'picklist', 'union']);
const UNCHANGING = new Set(['brand', 'flavor', 'readonly']);

function compileCheck(item: PipeItem): Predicate | undefined {
  const check = item as PipeItem & { readonly async?: boolean; readonly '~run': RunCheck };
  if (check.async) return undefined;
  return (value) => check['~run']({ typed: true, value }, {}).issues === undefined;
}

type RunCheck = (dataset: { typed: true; value: unknown }, config: object) => { readonly issues?: unknown };
