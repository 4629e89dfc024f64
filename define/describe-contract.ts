import type { GenericSchema } from 'valibot';
import { DefinitionError } from './definition-error.ts';

/** What JSON can say of a contract: equal exactly where two contracts accept and give the same. */
export type ContractData =
  | string
  | number
  | boolean
  | null
  | readonly ContractData[]
  | { readonly [name: string]: ContractData };

/**
 * A contract as data, for the code version. A function cannot be told from another by what it does, so a contract that
 * holds one of the user's is refused; our own types (timestamps, ids) stand for themselves by their metadata.
 */
export function describeContract(where: string, contract: GenericSchema): ContractData {
  return describeNode(where, contract as unknown as Node);
}

/** A schema or action of valibot, seen as the plain object that it is. */
type Node = Readonly<Record<string, unknown>>;

/** Members of valibot's objects that say nothing of what they accept. */
const SILENT_MEMBERS = new Set([
  ...['kind', 'reference', 'expects', 'async', 'message', '~run', '~standard', '~types'],
  // A rule's function: its version stands for it.
  'holds',
]);
/** Actions that change nothing but what people or the compiler know of a value. */
const SILENT_ACTIONS = new Set(['brand', 'flavor', 'readonly']);
/** Checks whose function is valibot's own. */
const BUILT_IN = new Set(['integer', 'safe_integer', 'finite', 'url', 'credit_card', 'imei', 'isbn']);
/** Actions that keep the user's function where no member shows it. */
const HIDING = new Set(['raw_check', 'raw_transform']);

function describeNode(where: string, node: Node): ContractData {
  const type = String(node['type']);
  if (HIDING.has(type)) throw functionError(where, type);
  // A piped schema repeats the members of its first item; only a fallback is its own.
  const members = Array.isArray(node['pipe']) ? { pipe: loudItems(node['pipe']), fallback: node['fallback'] } : node;
  return describeMembers(
    where,
    type,
    Object.entries(members).filter(
      ([name, value]) =>
        !SILENT_MEMBERS.has(name) && !(name === 'requirement' && typeof value === 'function' && BUILT_IN.has(type)),
    ),
  );
}

/** Sorted by name, as the order in which an object's fields were written changes nothing. */
function describeMembers(where: string, type: string, members: readonly (readonly [string, unknown])[]): ContractData {
  const described = members
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, describeValue(where, type, value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(described);
}

function describeValue(where: string, type: string, value: unknown): ContractData {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value))
    return value as ContractData;
  if (typeof value === 'number' || typeof value === 'bigint') return { [typeof value]: String(value) };
  if (value instanceof RegExp) return { pattern: String(value) };
  if (value instanceof Date) return { date: value.toISOString() };
  if (Array.isArray(value)) return value.map((item) => describeValue(where, type, item));
  if (typeof value !== 'object') throw functionError(where, type);
  return isNode(value) ? describeNode(where, value) : describeMembers(where, type, Object.entries(value));
}

/** A field of a contract can be called `kind` or `reference` too, but then it is a schema. */
function isNode(value: object): value is Node {
  return (
    'kind' in value && typeof value.kind === 'string' && 'reference' in value && typeof value.reference === 'function'
  );
}

/** What a pipe checks or changes. `timestamp()`, `uuid()` and their kin say all of themselves in their metadata. */
function loudItems(pipe: readonly Node[]): readonly unknown[] {
  const own = pipe.map((item) => item['metadata']).find((metadata) => hasOwnType(metadata));
  if (own) return [own];
  return pipe.filter((item) => item['kind'] !== 'metadata' && !SILENT_ACTIONS.has(String(item['type'])));
}

function hasOwnType(metadata: unknown): boolean {
  return typeof metadata === 'object' && metadata !== null && 'hourloom' in metadata;
}

function functionError(where: string, type: string): DefinitionError {
  return new DefinitionError(
    where,
    `the contract's "${type}" holds a function, which cannot be compared. Use the built-in checks of valibot.`,
  );
}
