import { parseAssetKey } from './asset-key.ts';
import type { AssetKey } from './asset-key.ts';
import { listDownstream, listUpstream } from './graph.ts';
import type { AssetGraph } from './graph.ts';
import type { AttemptState, DataState, PartitionMark } from './partition-state.ts';

/** What `state:` can ask for: a fact of a partition, or a mark. */
export type SelectableState = DataState | AttemptState | PartitionMark;

/** What a person chose. */
export interface Selection {
  /** Sorted; all there are where only states were named. */
  readonly assets: readonly AssetKey[];
  /** Of these, the partitions in any of these states; empty: all of them. For the caller to carry out: a graph has no partitions. */
  readonly states: readonly SelectableState[];
}

/** A selection names what is not there. The message says what there is. */
export class SelectionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SelectionError';
  }
}

const STATES: readonly SelectableState[] = [
  'missing',
  'empty',
  'fresh',
  'stale',
  'idle',
  'waiting',
  'running',
  'failed',
  'late',
  'quarantined',
];

const MAX_SUGGESTED = 10;

/**
 * Reads a selection: `door2door/events` is one asset, `+key` also all that it is made of, `key+` also all that is made
 * of it, `+key+` both, `group:door2door` the assets whose key begins so, `state:stale` a state of their partitions.
 * Several, with spaces between, are all that any of them selects, in any of the states named. No text selects all.
 * Throws a `SelectionError`.
 */
export function selectAssets(graph: AssetGraph, text: string): Selection {
  const terms = text.split(/\s+/u).filter((term) => term !== '');
  const states = terms.filter((term) => term.startsWith('state:')).map(readState);
  const named = terms.filter((term) => !term.startsWith('state:'));
  const assets = named.length === 0 ? [...graph.keys()] : named.flatMap((term) => selectTerm(graph, term));
  return { assets: [...new Set(assets)].sort(), states: [...new Set(states)] };
}

function readState(term: string): SelectableState {
  const name = term.slice('state:'.length);
  const state = STATES.find((state) => state === name);
  if (state === undefined) {
    throw new SelectionError(`"${term}" names no state. There are ${STATES.join(', ')}.`);
  }
  return state;
}

function selectTerm(graph: AssetGraph, term: string): readonly AssetKey[] {
  const withUpstream = term.startsWith('+');
  const withDownstream = term.length > 1 && term.endsWith('+');
  const name = term.slice(withUpstream ? 1 : 0, withDownstream ? -1 : undefined);
  return findNamed(graph, name).flatMap((key) => [
    key,
    ...(withUpstream ? listUpstream(graph, key) : []),
    ...(withDownstream ? listDownstream(graph, key) : []),
  ]);
}

function findNamed(graph: AssetGraph, name: string): readonly AssetKey[] {
  const groups = [...new Set([...graph.values()].map(({ group }) => group))].sort();
  if (name.startsWith('group:')) {
    const group = name.slice('group:'.length);
    const keys = [...graph.values()].filter((node) => node.group === group).map(({ key }) => key);
    if (keys.length === 0) throw new SelectionError(`There is no group "${group}". ${listNames('Groups', groups)}`);
    return keys;
  }
  const key = parseAssetKey(name);
  if (key !== undefined && graph.has(key)) return [key];
  if (groups.includes(name)) {
    throw new SelectionError(`"${name}" is a group of assets, not one of them. Write "group:${name}" for all of them.`);
  }
  throw new SelectionError(`There is no asset "${name}". ${listNames('Assets', [...graph.keys()])}`);
}

function listNames(what: string, names: readonly string[]): string {
  const more = names.length > MAX_SUGGESTED ? `, and ${names.length - MAX_SUGGESTED} more` : '';
  return `${what} are: ${names.slice(0, MAX_SUGGESTED).join(', ')}${more}.`;
}
