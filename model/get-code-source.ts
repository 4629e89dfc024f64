import type { CodeSourceSpec, PipelineSpec } from './pipeline-spec.ts';
import { describeSource } from './describe-source.ts';
import { TerminalError } from './terminal-error.ts';

/** Something was asked that only a pipeline of code can do. */
export class NoCodeError extends TerminalError {
  constructor({ name, source }: Pick<PipelineSpec, 'name' | 'source'>) {
    super(
      `Pipeline ${name} has no function of its own any more: its records come from ${describeSource(source)}. Run the window again.`,
    );
    this.name = 'NoCodeError';
  }
}

/** What is declared about this pipeline's function. Throws a `NoCodeError` where its records come from elsewhere. */
export function getCodeSource(pipeline: Pick<PipelineSpec, 'name' | 'source'>): CodeSourceSpec {
  if (pipeline.source.kind === 'code') return pipeline.source;
  throw new NoCodeError(pipeline);
}
