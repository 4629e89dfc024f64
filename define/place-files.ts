import { listAddresses } from '../model/list-addresses.ts';
import type { HttpSourceSpec, PipelineSpec } from '../model/pipeline-spec.ts';
import { windowAt, windowIndex } from '../model/window.ts';

/**
 * The source of a pipeline with its files behind addresses that begin with `base`. Those of a bucket have the names that
 * they have there. Undefined where it reads no files, or where no address can be written from their names.
 */
export function placeFiles(
  { source, window }: Pick<PipelineSpec, 'source' | 'window'>,
  base: string,
): HttpSourceSpec | undefined {
  if (source.kind === 'code') return undefined;
  if (source.kind === 'http') return { ...source, base };
  const { pattern: key, clockOffsetMinutes, format } = source;
  const pattern = `/${key}`;
  try {
    const first = windowAt(window, windowIndex(window, window.first) + 1);
    if (listAddresses(pattern, first, clockOffsetMinutes).length === 0) return undefined;
  } catch {
    return undefined;
  }
  return { kind: 'http', pattern, base, clockOffsetMinutes, ...(format === undefined ? {} : { format }) };
}
