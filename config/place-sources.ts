import type { DeclaredPipeline, Definitions } from '../define/definitions.ts';
import { ConfigurationError } from './errors.ts';

/**
 * Puts in where documents are in this place. That differs between a laptop and production, so that it is no part of a
 * definition's code version. A name that no pipeline of documents has is a `ConfigurationError`: nobody would read it.
 */
export function placeSources(definitions: Definitions, sources: ReadonlyMap<string, string>): Definitions {
  if (sources.size === 0) return definitions;
  const pipelines = new Map(definitions.pipelines);
  for (const [name, base] of sources) {
    const [key, pipeline] = [...pipelines].find(([, { spec }]) => spec.name === name) ?? [];
    if (key === undefined || pipeline?.spec.source.kind !== 'http') {
      throw new ConfigurationError(
        `Bad environment: HOURLOOM_SOURCE_${name.toUpperCase()} names no pipeline that reads documents with httpFiles(). Correct the name, or unset it.`,
      );
    }
    const placed: DeclaredPipeline = {
      ...pipeline,
      spec: { ...pipeline.spec, source: { ...pipeline.spec.source, base } },
    };
    pipelines.set(key, placed);
  }
  return { ...definitions, pipelines };
}
