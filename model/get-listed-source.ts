import { describeSource } from './describe-source.ts';
import type { HttpSourceSpec, PipelineSpec, S3SourceSpec } from './pipeline-spec.ts';
import { TerminalError } from './terminal-error.ts';

/** A source of files: what a window is made of can be seen before it is read. */
export type ListedSource = S3SourceSpec | HttpSourceSpec;

/** Something was asked that only a pipeline of files can do. */
export class NoFilesError extends TerminalError {
  constructor({ name, source }: Pick<PipelineSpec, 'name' | 'source'>) {
    super(`Pipeline ${name} reads no files: its records come from ${describeSource(source)}.`);
    this.name = 'NoFilesError';
  }
}

/** The files that this pipeline reads, wherever they are. Throws a `NoFilesError` where code gives its records. */
export function getListedSource({ name, source }: Pick<PipelineSpec, 'name' | 'source'>): ListedSource {
  if (source.kind !== 'code') return source;
  throw new NoFilesError({ name, source });
}
