import type { GenericSchema } from 'valibot';
import { findOwnType, findTimestampDefect, isUuid } from './contract-types.ts';
import type { PipeItem, SchemaParts } from './contract-types.ts';

/** Whether a value keeps a contract. */
export type Predicate = (value: unknown) => boolean;

/**
 * A contract as one predicate, several times faster than a parse; it says of every value what `safeParse` says. Only for
 * the closed list below, and only for contracts that change nothing (what an object strips is never read);
 * undefined for every other one, which must be parsed.
 */
export function compileContract(contract: GenericSchema): Predicate | undefined {
  return compile(contract);
}

function compile(schema: SchemaParts): Predicate | undefined {
  if (schema.fallback !== undefined || schema.async) return undefined;
  return compileOwnType(schema) ?? (schema.pipe ? compilePipe(schema.pipe) : compilePlain(schema));
}

/** `timestamp()` and `uuid()` as they are, without more in their pipe than they put there. */
function compileOwnType(schema: SchemaParts): Predicate | undefined {
  const own = findOwnType(schema);
  const isBare = schema.pipe?.every((item) => {
    // A pipe on top of one of ours holds ours as its first item, and may check more.
    if ('pipe' in item) return false;
    return item.type === 'string' || item.type === 'raw_check' || item.type === 'brand' || item.kind === 'metadata';
  });
  if (!own || !isBare) return undefined;
  if (own.type === 'uuid') return (value) => typeof value === 'string' && isUuid(value);
  // The others turn a text into something else.
  if (own.type !== 'timestamptz') return undefined;
  const { zone } = own;
  return (value) => typeof value === 'string' && findTimestampDefect(value, zone) === undefined;
}

function compilePlain(schema: SchemaParts): Predicate | undefined {
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
      return compileWrapper(schema);
    case 'array':
      return compileArray(schema);
    case 'object':
      return compileObject(schema);
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

function compileWrapper(schema: SchemaParts): Predicate | undefined {
  const inner = schema.wrapped && compile(schema.wrapped);
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

function compileArray(schema: SchemaParts): Predicate | undefined {
  const item = schema.item && compile(schema.item);
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

function compileObject(schema: SchemaParts): Predicate | undefined {
  const entries: Entry[] = [];
  for (const [name, entry] of Object.entries(schema.entries ?? {})) {
    const holds = compile(entry);
    if (!holds) return undefined;
    entries.push({ name, holds, mayBeMissing: entry.type === 'optional' || entry.type === 'nullish' });
  }
  return (value) => {
    if (typeof value !== 'object' || value === null) return false;
    const record = value as Readonly<Record<string, unknown>>;
    for (const { name, holds, mayBeMissing } of entries) {
      const field = record[name];
      if (field === undefined && !(name in record)) {
        if (!mayBeMissing) return false;
      } else if (!holds(field)) return false;
    }
    return true;
  };
}

/** Every step of a pipe must be a schema or a check; a check is asked as it is, so that there is no second one. */
function compilePipe(pipe: readonly PipeItem[]): Predicate | undefined {
  const steps: Predicate[] = [];
  for (const item of pipe) {
    if (item.kind === 'metadata' || UNCHANGING.has(item.type)) continue;
    const step = item.kind === 'schema' ? compile(item) : item.kind === 'validation' ? compileCheck(item) : undefined;
    if (!step) return undefined;
    steps.push(step);
  }
  return (value) => steps.every((step) => step(value));
}

const UNCHANGING = new Set(['brand', 'flavor', 'readonly']);

function compileCheck(item: PipeItem): Predicate | undefined {
  const check = item as PipeItem & { readonly async?: boolean; readonly '~run': RunCheck };
  if (check.async) return undefined;
  return (value) => check['~run']({ typed: true, value }, {}).issues === undefined;
}

type RunCheck = (dataset: { typed: true; value: unknown }, config: object) => { readonly issues?: unknown };
