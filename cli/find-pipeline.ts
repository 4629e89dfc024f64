import type { DeclaredPipeline, Definitions } from '../define/definitions.ts';
import { formatPartition, parsePartition } from '../model/window.ts';
import type { Instant } from '../model/window.ts';
import { parsePipelineName } from '../model/asset-key.ts';
import { UsageError } from './errors.ts';

/** The pipeline of this name, or a `UsageError` that lists those there are. */
export function findPipeline({ pipelines }: Definitions, name: string): DeclaredPipeline {
  const pipelineName = parsePipelineName(name);
  const found = pipelineName === undefined ? undefined : pipelines.get(pipelineName);
  if (found) return found;
  throw new UsageError(`There is no pipeline "${name}". There is: ${[...pipelines.keys()].join(', ')}.`);
}

/** The window's start that a person wrote, or a `UsageError` that shows how to write one. */
export function readPartition({ spec }: DeclaredPipeline, text: string): Instant {
  const start = parsePartition(spec.window, text);
  const first = formatPartition(spec.window, spec.window.first);
  if (start === undefined) {
    throw new UsageError(
      `"${text}" is not the start of a window of ${spec.name}. Write it in UTC, like its first one: ${first}.`,
    );
  }
  if (start < spec.window.first) {
    throw new UsageError(`${spec.name} begins at ${first}; there is no window "${text}" before it.`);
  }
  return start;
}
