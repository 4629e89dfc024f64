import type { Lake } from '../lake/open-lake.ts';
import type { PipelineName } from '../model/asset-key.ts';
import { TerminalError } from '../model/terminal-error.ts';
import type { PipelineDefinition } from '../record/pipeline-definition.ts';
import type { Warehouse } from '../warehouse/open-warehouse.ts';

/** All that activities reach; the worker joins it once. */
export interface Dependencies {
  readonly lake: Lake;
  readonly warehouse: Warehouse;
  readonly pipelines: ReadonlyMap<PipelineName, PipelineDefinition>;
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
