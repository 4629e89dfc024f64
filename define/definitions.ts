import type { AssetKey, PipelineName } from '../model/asset-key.ts';
import type { DerivedSpec } from '../model/derived-spec.ts';
import { GraphError } from '../model/find-graph-problems.ts';
import { buildGraph } from '../model/graph.ts';
import type { CheckFunctions } from '../record/check-function.ts';
import type { DerivedFunction } from '../record/derived-function.ts';
import type { PipelineDefinition } from '../record/pipeline-definition.ts';
import { assertPoolsAgree } from './asset.ts';
import { DefinitionError } from './definition-error.ts';
import { findCheckFunctions } from './find-check-functions.ts';
import { findDerived, findDerivedFunction } from './derived.ts';
import { findPipeline } from './pipeline.ts';
import type { Sample } from './sample.ts';

/** A pipeline as it was declared. */
export interface DeclaredPipeline extends PipelineDefinition {
  readonly sample: Sample | undefined;
}

/** All that a project declares. It fits together: see `model/graph.ts`. */
export interface Definitions {
  readonly pipelines: ReadonlyMap<PipelineName, DeclaredPipeline>;
  readonly derived: ReadonlyMap<AssetKey, DerivedSpec>;
  /** Of those that are computed by a function, each one's. */
  readonly functions: ReadonlyMap<AssetKey, DerivedFunction>;
  /** Of the checks that are functions, by the asset that is checked. */
  readonly checkFunctions: ReadonlyMap<AssetKey, CheckFunctions>;
}

/**
 * Gathers the definitions among the exports of a module, and refuses those that do not fit together: cycles, reads of
 * what is not exported, two of one key or table, windows that cannot map. `where` names the module in errors.
 */
export function collectDefinitions(where: string, exported: Readonly<Record<string, unknown>>): Definitions {
  const values = Object.values(exported);
  const pipelines = new Map<PipelineName, DeclaredPipeline>();
  for (const pipeline of values.flatMap((value) => findPipeline(value) ?? [])) {
    const other = pipelines.get(pipeline.spec.name);
    if (other && other.spec !== pipeline.spec) {
      throw new DefinitionError(where, `two pipelines are called "${pipeline.spec.name}". Rename one of them.`);
    }
    pipelines.set(pipeline.spec.name, pipeline);
  }
  assertPoolsAgree(
    where,
    [...pipelines.values()].map(({ spec }) => spec),
  );
  if (pipelines.size === 0) throw new DefinitionError(where, 'exports no pipeline. Export one made with pipeline(…).');
  const specs = [...new Set(values.flatMap((value) => findDerived(value) ?? []))];
  assertFit(
    where,
    [...pipelines.values()].map(({ spec }) => spec),
    specs,
  );
  const functions = values.flatMap((value) => findDerivedFunction(value) ?? []);
  return {
    pipelines,
    derived: new Map(specs.map((spec) => [spec.asset, spec])),
    functions: new Map(functions.map((each) => [each.asset, each])),
    checkFunctions: findCheckFunctions(values),
  };
}

function assertFit(where: string, ...specs: Parameters<typeof buildGraph>): void {
  try {
    buildGraph(...specs);
  } catch (error) {
    if (error instanceof GraphError) throw new DefinitionError(where, error.message);
    throw error;
  }
}
