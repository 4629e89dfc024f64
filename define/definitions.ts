import type { PipelineName } from '../model/asset-key.ts';
import type { PipelineDefinition } from '../record/pipeline-definition.ts';
import { DefinitionError } from './definition-error.ts';
import { findPipeline } from './pipeline.ts';
import type { Sample } from './sample.ts';

/** A pipeline as it was declared. */
export interface DeclaredPipeline extends PipelineDefinition {
  readonly sample: Sample | undefined;
}

/** All that a project declares, by name. */
export interface Definitions {
  readonly pipelines: ReadonlyMap<PipelineName, DeclaredPipeline>;
}

/** Gathers the definitions among the exports of a module. `where` names the module in errors. */
export function collectDefinitions(where: string, exported: Readonly<Record<string, unknown>>): Definitions {
  const pipelines = new Map<PipelineName, DeclaredPipeline>();
  for (const value of Object.values(exported)) {
    const pipeline = findPipeline(value);
    if (!pipeline) continue;
    const other = pipelines.get(pipeline.spec.name);
    if (other && other.spec !== pipeline.spec) {
      throw new DefinitionError(where, `two pipelines are called "${pipeline.spec.name}". Rename one of them.`);
    }
    pipelines.set(pipeline.spec.name, pipeline);
  }
  if (pipelines.size === 0) throw new DefinitionError(where, 'exports no pipeline. Export one made with pipeline(…).');
  return { pipelines };
}
