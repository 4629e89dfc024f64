import type { Lake } from '../lake/open-lake.ts';
import type { AssetKey, PipelineName } from '../model/asset-key.ts';
import type { DerivedSpec } from '../model/derived-spec.ts';
import type { AssetGraph } from '../model/graph.ts';
import { TerminalError } from '../model/terminal-error.ts';
import type { CheckFunctions } from '../record/check-function.ts';
import type { ErasureKey } from '../record/erasure-key.ts';
import type { DerivedFunction } from '../record/derived-function.ts';
import type { PipelineDefinition } from '../record/pipeline-definition.ts';
import type { Warehouse } from '../warehouse/open-warehouse.ts';
import type { Pools } from './make/pools.ts';
import type { Starter } from './starter.ts';

/** All that activities reach; the worker joins it once. */
export interface Dependencies {
  readonly lake: Lake;
  readonly warehouse: Warehouse;
  readonly pipelines: ReadonlyMap<PipelineName, PipelineDefinition>;
  /** Of the derived assets that are computed by a function, each one's. */
  readonly functions: ReadonlyMap<AssetKey, DerivedFunction>;
  /** Of the checks that are functions, by the asset that is checked; undefined where there are none. */
  readonly checkFunctions?: ReadonlyMap<AssetKey, CheckFunctions> | undefined;
  /** What functions may ask for, by name. */
  readonly secrets: ReadonlyMap<string, string>;
  /** The rates at which functions ask foreign systems. */
  readonly pools: Pools;
  /** How all assets fit together. */
  readonly graph: AssetGraph;
  readonly starter: Starter;
  /** By which persons are erased: the newest first. None where it is left out. */
  readonly erasureKeys?: readonly ErasureKey[] | undefined;
}

/** The worker that took this run does not know its pipeline. */
export class UnknownPipelineError extends TerminalError {
  constructor(name: string, known: Iterable<string>) {
    super(
      `This worker knows no pipeline "${name}", only ${[...known].join(', ')}. Deploy its definition, or start the run of another.`,
    );
    this.name = 'UnknownPipelineError';
  }
}

/** The definition that a run is about. Throws an `UnknownPipelineError`. */
export function getPipeline({ pipelines }: Pick<Dependencies, 'pipelines'>, name: PipelineName): PipelineDefinition {
  const pipeline = pipelines.get(name);
  if (pipeline) return pipeline;
  throw new UnknownPipelineError(name, pipelines.keys());
}

/** The worker that took this run does not know its derived asset. */
export class UnknownAssetError extends TerminalError {
  constructor(asset: string) {
    super(`This worker knows no derived asset "${asset}". Deploy its definition, or start the run of another.`);
    this.name = 'UnknownAssetError';
  }
}

/** The definition of the derived asset that a run is about. Throws an `UnknownAssetError`. */
export function getDerived({ graph }: Pick<Dependencies, 'graph'>, asset: AssetKey): DerivedSpec {
  const node = graph.get(asset);
  if (node?.kind === 'derived') return node.derived;
  throw new UnknownAssetError(asset);
}

/** The function of the derived asset that a run is about. Throws an `UnknownAssetError`. */
export function getFunction({ functions }: Pick<Dependencies, 'functions'>, asset: AssetKey): DerivedFunction {
  const found = functions.get(asset);
  if (found) return found;
  throw new UnknownAssetError(asset);
}
