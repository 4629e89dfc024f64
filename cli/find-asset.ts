import type { Definitions } from '../define/definitions.ts';
import { parseAssetKey } from '../model/asset-key.ts';
import type { AssetKey, PipelineName } from '../model/asset-key.ts';
import { findTarget } from '../model/backfill-target.ts';
import type { BackfillTarget } from '../model/backfill-target.ts';
import { buildGraph } from '../model/graph.ts';
import type { AssetGraph, AssetNode } from '../model/graph.ts';
import { WHOLE_START } from '../model/partition.ts';
import { formatPartition, parsePartition } from '../model/window.ts';
import type { Instant, WindowSpec } from '../model/window.ts';
import { UsageError } from './errors.ts';

/** How everything that is declared fits together. */
export function graphOf({ pipelines, derived }: Definitions): AssetGraph {
  return buildGraph(
    [...pipelines.values()].map(({ spec }) => spec),
    [...derived.values()],
  );
}

/** The asset of this key, or a `UsageError` that lists those there are. */
export function findNode(graph: AssetGraph, name: string): AssetNode {
  const key = parseAssetKey(name);
  const node = key === undefined ? undefined : graph.get(key);
  if (node) return node;
  throw new UsageError(`There is no asset "${name}". There is: ${[...graph.keys()].join(', ')}.`);
}

/**
 * Under which name locks, ledger and failures have the windows of an asset or a pipeline: the pipeline's, or the key
 * of the derived asset. A `UsageError` lists what there is.
 */
export function findMaker(graph: AssetGraph, name: string): PipelineName {
  const nodes = [...graph.values()];
  const node = nodes.find(({ key }) => key === name) ?? nodes.find((each) => makerOf(each) === name);
  if (node) return makerOf(node);
  const pipelines = nodes.flatMap((each) => (each.kind === 'derived' ? [] : [each.pipeline.name]));
  const names = [...new Set<string>([...pipelines, ...graph.keys()])];
  throw new UsageError(`There is no pipeline or asset "${name}". There is: ${names.join(', ')}.`);
}

/**
 * What is made where a person names an asset or a pipeline. A window's run makes all assets of its pipeline, so one of
 * them stands for them all, which `note` hears.
 */
export function findMeant(graph: AssetGraph, asset: string, note: (line: string) => void): BackfillTarget {
  const maker = findMaker(graph, asset);
  const target = findTarget(graph, maker);
  if (!target) throw new RangeError(`${maker} makes ${asset}, but nothing is defined under that name.`);
  if (asset !== maker) note(`${asset} is made with the other assets of ${maker}, window by window.`);
  return target;
}

/** Who makes an asset's windows: see `derivedPartition`. */
export function makerOf(node: AssetNode): PipelineName {
  return node.kind === 'derived' ? (node.key as string as PipelineName) : node.pipeline.name;
}

/** The start of the one partition that is meant, or a `UsageError` that shows how to write it. */
export function readPartitionOf({ key, window }: AssetNode, text: string | undefined): Instant {
  return readStartOf(key, window, text);
}

/** The same, by key and window. */
export function readStartOf(key: AssetKey, window: WindowSpec | undefined, text: string | undefined): Instant {
  if (!window) {
    if (text === undefined || text === 'whole') return WHOLE_START;
    throw new UsageError(`${key} has no partitions: it is one whole. Leave "${text}" out.`);
  }
  const first = formatPartition(window, window.first);
  if (text === undefined) throw new UsageError(`Say which window of ${key}, in UTC, like its first one: ${first}.`);
  const start = parsePartition(window, text);
  if (start === undefined) {
    throw new UsageError(
      `"${text}" is not the start of a window of ${key}. Write it in UTC, like its first one: ${first}.`,
    );
  }
  if (start < window.first) throw new UsageError(`${key} begins at ${first}; there is no window "${text}" before it.`);
  return start;
}
