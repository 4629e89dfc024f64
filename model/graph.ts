import type { AssetKey } from './asset-key.ts';
import type { DerivedSpec, ReadSpec } from './derived-spec.ts';
import { findGraphProblems, GraphError } from './find-graph-problems.ts';
import type { PipelineSpec, TableSpec } from './pipeline-spec.ts';
import type { WindowSpec } from './window.ts';

/** One asset among all that are defined: what it is made of and what is made of it. */
export type AssetNode = PipelineNode | DerivedNode;

interface Node {
  readonly key: AssetKey;
  /** What `group:` selects by: as it was said, else the first part of the key. */
  readonly group: string;
  readonly description: string | undefined;
  /** Undefined where the asset has no partitions. */
  readonly window: WindowSpec | undefined;
  readonly codeVersion: string;
  /** In the order they were written. */
  readonly reads: readonly ReadSpec[];
  /** Sorted. */
  readonly readBy: readonly AssetKey[];
}

/** The merged object of a pipeline (`events`), or a table that is filled from it. */
export interface PipelineNode extends Node {
  readonly kind: 'events' | 'table';
  readonly pipeline: PipelineSpec;
}

/** An asset that is computed from others. */
export interface DerivedNode extends Node {
  readonly kind: 'derived';
  readonly derived: DerivedSpec;
}

/** All assets by key, sorted. Free of cycles, of reads of what is not there, and of windows that do not map. */
export type AssetGraph = ReadonlyMap<AssetKey, AssetNode>;

/** Joins what is defined. Throws a `GraphError` that tells everything that is wrong, not the first thing only. */
export function buildGraph(pipelines: readonly PipelineSpec[], derived: readonly DerivedSpec[]): AssetGraph {
  const problems = findGraphProblems(pipelines, derived);
  if (problems.length > 0) throw new GraphError(problems);

  const readBy = new Map<AssetKey, AssetKey[]>();
  const nodes = [...pipelines.flatMap(nodesOfPipeline), ...derived.map(nodeOfDerived)].sort((a, b) =>
    compareKeys(a.key, b.key),
  );
  for (const { key, reads } of nodes) {
    for (const asset of new Set(reads.map((read) => read.asset))) {
      readBy.set(asset, [...(readBy.get(asset) ?? []), key]);
    }
  }
  return new Map(nodes.map((node) => [node.key, { ...node, readBy: readBy.get(node.key) ?? [] }]));
}

function nodesOfPipeline(pipeline: PipelineSpec): AssetNode[] {
  const { name, window, events, tables } = pipeline;
  const { group = name, description } = pipeline;
  const shared = { group, description, window, pipeline, readBy: [] };
  const reads: readonly ReadSpec[] = [{ asset: events.asset, mapping: { kind: 'same' } }];
  return [
    { ...shared, kind: 'events', key: events.asset, codeVersion: events.codeVersion, reads: [] },
    ...tables.map(({ asset, codeVersion }) => ({ ...shared, kind: 'table' as const, key: asset, codeVersion, reads })),
  ];
}

function nodeOfDerived(derived: DerivedSpec): AssetNode {
  const { asset, window, reads, table } = derived;
  const { group = asset.slice(0, asset.indexOf('/')), description } = derived;
  return {
    kind: 'derived',
    key: asset,
    group,
    description,
    window,
    codeVersion: table.codeVersion,
    reads,
    readBy: [],
    derived,
  };
}

/** The asset of this key. For keys that come from the graph itself; `selectAssets` reads those that people write. */
export function nodeOf(graph: AssetGraph, key: AssetKey): AssetNode {
  const node = graph.get(key);
  if (!node) throw new RangeError(`No asset "${key}" is defined.`);
  return node;
}

/** The table that an asset's rows stand in; undefined for merged objects. */
export function tableOf(node: AssetNode): TableSpec | undefined {
  if (node.kind === 'derived') return node.derived.table;
  return node.pipeline.tables.find(({ asset }) => asset === node.key);
}

/**
 * Groups assets into waves: each comes in a later wave than all that it reads, as early as that allows. Keys inside a
 * wave are sorted.
 */
export function planWaves(graph: AssetGraph): readonly (readonly AssetKey[])[] {
  const waves: AssetKey[][] = [];
  const done = new Set<AssetKey>();
  while (done.size < graph.size) {
    const wave = [...graph.values()]
      .filter(({ key, reads }) => !done.has(key) && reads.every(({ asset }) => done.has(asset)))
      .map(({ key }) => key);
    wave.forEach((key) => done.add(key));
    waves.push(wave);
  }
  return waves;
}

/** All that an asset is made of, however far up; without itself, sorted. */
export function listUpstream(graph: AssetGraph, key: AssetKey): readonly AssetKey[] {
  return follow(key, (at) => nodeOf(graph, at).reads.map(({ asset }) => asset));
}

/** All that is made of an asset, however far down; without itself, sorted. */
export function listDownstream(graph: AssetGraph, key: AssetKey): readonly AssetKey[] {
  return follow(key, (at) => nodeOf(graph, at).readBy);
}

function follow(start: AssetKey, next: (key: AssetKey) => readonly AssetKey[]): readonly AssetKey[] {
  const found = new Set<AssetKey>();
  const waiting = [...next(start)];
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    if (found.has(key)) continue;
    found.add(key);
    waiting.push(...next(key));
  }
  return [...found].sort();
}

/** By code units, as `sort` does: the same on every machine, whatever its language. */
function compareKeys(a: AssetKey, b: AssetKey): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
