import type { PipelineSpec, S3SourceSpec } from './pipeline-spec.ts';
import { describeSource } from './describe-source.ts';
import { TerminalError } from './terminal-error.ts';

/** Something was asked that only a pipeline of files in a bucket can do. */
export class NoBucketError extends TerminalError {
  constructor({ name, source }: Pick<PipelineSpec, 'name' | 'source'>) {
    super(`Pipeline ${name} reads no bucket: its records come from ${describeSource(source)}.`);
    this.name = 'NoBucketError';
  }
}

/** The files that this pipeline reads. Throws a `NoBucketError` where its records come from elsewhere. */
export function getS3Source(pipeline: Pick<PipelineSpec, 'name' | 'source'>): S3SourceSpec {
  if (pipeline.source.kind === 's3') return pipeline.source;
  throw new NoBucketError(pipeline);
}
