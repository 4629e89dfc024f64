import type { DeclaredPipeline, Definitions } from '../define/definitions.ts';
import { placeFiles } from '../define/place-files.ts';
import { ConfigurationError } from './errors.ts';

/**
 * Puts in where files are in this place. That differs between a laptop and production, so that it is no part of a
 * definition's code version. A pipeline of a bucket's files may be given them behind addresses, where their names tell
 * which. A name that no such pipeline has is a `ConfigurationError`: nobody would read it.
 */
export function placeSources(definitions: Definitions, sources: ReadonlyMap<string, string>): Definitions {
  if (sources.size === 0) return definitions;
  const pipelines = new Map(definitions.pipelines);
  for (const [name, base] of sources) {
    const [key, pipeline] = [...pipelines].find(([, { spec }]) => spec.name === name) ?? [];
    const source = pipeline && placeFiles(pipeline.spec, base);
    if (key === undefined || !pipeline || !source) {
      throw new ConfigurationError(
        `Bad environment: HOURLOOM_SOURCE_${name.toUpperCase()} names no pipeline whose files could be found behind addresses: one with httpFiles(), or with s3Files() whose names tell all. Correct the name, or unset it.`,
      );
    }
    const placed: DeclaredPipeline = { ...pipeline, spec: { ...pipeline.spec, source } };
    pipelines.set(key, placed);
  }
  return { ...definitions, pipelines };
}
