import { listAddresses } from '../model/list-addresses.ts';
import { parseBase } from './parse-base.ts';
import type { HttpSourceSpec } from '../model/pipeline-spec.ts';
import { windowAt, windowIndex } from '../model/window.ts';
import type { WindowSpec } from '../model/window.ts';
import { parseClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { DefinitionError } from './definition-error.ts';
import { readFormat } from './file-formats.ts';
import type { FormatOption } from './file-formats.ts';

export interface HttpFilesOptions extends FormatOption {
  /** Where the addresses begin: `'https://example.org'`. Configuration can say another for one place. */
  readonly base?: string;
  /** The zone of the clock in the addresses, as an offset from UTC: `'-03:00'`. UTC where it is not said. */
  readonly clock?: Clock;
}

/**
 * Documents behind addresses that tell their time: `httpFiles('/exports/{yyyy}/{MM}/{dd}/{HH}.csv', { base, format:
 * csv() })`. Nobody lists them, so the addresses of a window are written out from the pattern, and each is asked for.
 * Placeholders are those of `s3Files`, without `{any}`.
 */
export function httpFiles(pattern: string, { base, clock, format }: HttpFilesOptions = {}): HttpSourceSpec {
  const where = `httpFiles('${pattern}')`;
  const begin = base === undefined ? undefined : parseBase(base);
  if (base !== undefined && begin === undefined) {
    throw new DefinitionError(
      where,
      `"${base}" is no base. Write it as 'https://example.org/folder', without query, user or password.`,
    );
  }
  writeOut(where, pattern, { start: 0, end: 1 });
  return {
    kind: 'http',
    pattern,
    base: begin,
    clockOffsetMinutes: parseClock('httpFiles()', clock),
    ...readFormat(where, format),
  };
}

/** Refuses addresses that do not fit the windows: too many for one, or none for most. */
export function assertAddressesFit(where: string, source: HttpSourceSpec, window: WindowSpec): void {
  const first = windowIndex(window, window.first ?? 0);
  for (const index of [first, first + 1]) {
    const { pattern, clockOffsetMinutes } = source;
    const addresses = writeOut(where, pattern, windowAt(window, index), clockOffsetMinutes);
    if (addresses.length > 0) continue;
    throw new DefinitionError(
      where,
      `the addresses of its source, "${pattern}", tell a time that is coarser than its windows. Use longer windows, or finer addresses.`,
    );
  }
}

function writeOut(where: string, ...[pattern, window, clockOffsetMinutes = 0]: WriteOutInput): readonly string[] {
  try {
    return listAddresses(pattern, window, clockOffsetMinutes);
  } catch (error) {
    throw new DefinitionError(where, error instanceof Error ? error.message : String(error));
  }
}

type WriteOutInput = [pattern: string, window: { readonly start: number; readonly end: number }, clockOffset?: number];
