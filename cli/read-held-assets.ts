import type { AssetKey } from '../model/asset-key.ts';
import type { AssetGraph } from '../model/graph.ts';
import type { PipelineSpec } from '../model/pipeline-spec.ts';
import { UsageError } from './errors.ts';

/** Whose quarantine a person means. */
export interface HeldAssets {
  /** All assets of the pipelines that are looked through. */
  readonly assets: readonly AssetKey[];
  /** The one asset that was named; undefined where it was a pipeline, or nothing. */
  readonly asset: AssetKey | undefined;
  readonly pipelines: readonly PipelineSpec[];
}

/** Reads a pipeline's name or an asset's key; undefined means all. Only what reads a source holds anything back. */
export function readHeldAssets(graph: AssetGraph, name: string | undefined): HeldAssets {
  const nodes = [...graph.values()].flatMap((node) => (node.kind === 'derived' ? [] : [node]));
  const meant =
    name === undefined ? nodes : nodes.filter(({ key, pipeline }) => key === name || pipeline.name === name);
  const pipelines = [...new Set(meant.map(({ pipeline }) => pipeline))];
  if (pipelines.length > 0) {
    return {
      assets: pipelines.flatMap(({ events, tables }) => [events, ...tables].map(({ asset }) => asset)),
      asset: meant.find(({ key }) => key === name)?.key,
      pipelines,
    };
  }
  if (name !== undefined && [...graph.values()].some(({ key }) => key === name)) {
    throw new UsageError(
      `${name} is computed from other assets: it holds nothing back. Name the pipeline that it reads.`,
    );
  }
  const names = [...new Set<string>([...nodes.map(({ pipeline }) => pipeline.name), ...nodes.map(({ key }) => key)])];
  throw new UsageError(`There is no pipeline or asset "${name}". There is: ${names.join(', ')}.`);
}
