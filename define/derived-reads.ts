import type { AssetKey } from '../model/asset-key.ts';
import type { ReadSpec, SqlPart } from '../model/derived-spec.ts';
import { findMappingProblem } from '../model/mapping.ts';
import type { Mapping } from '../model/mapping.ts';
import { windowOf } from '../model/window.ts';
import type { WindowKind, WindowSpec } from '../model/window.ts';
import type { Reading } from './around.ts';
import { DefinitionError } from './definition-error.ts';
import type { NamedTable } from './table-handle.ts';
import { hasFirst } from './windows.ts';

/** What stands in a statement for something of its window. */
const ASKING: ReadonlySet<SqlPart['kind']> = new Set(['window', 'in_window', 'held_back', 'makings']);

/** A partition whose statement does not ask for its window would hold the rows of all of them. */
export function assertAsksForWindow(where: string, window: WindowKind | undefined, parts: readonly SqlPart[]): void {
  const isAsked = parts.some(({ kind }) => ASKING.has(kind));
  if (window && !isAsked) {
    throw new DefinitionError(
      where,
      'each partition would hold the same rows. Choose those of one: where event_timestamp <@ ${window}.',
    );
  }
  if (!window && isAsked) {
    throw new DefinitionError(where, 'the statement asks for ${window}, but there is none. Add `window: daily()`.');
  }
}

/** Which windows of each table are read: as `written` says, or as the two windows lie to each other. */
export function readReads(
  where: string,
  window: WindowKind | undefined,
  tables: readonly NamedTable[],
  written: readonly Reading[],
): readonly ReadSpec[] {
  const mappings = new Map<AssetKey, Mapping>();
  for (const { table, mapping } of written) {
    const { asset } = table;
    if (!tables.some((table) => table.asset === asset)) {
      throw new DefinitionError(where, `\`reads\` names "${asset}", which the statement does not read. Take it out.`);
    }
    if (mappings.has(asset)) {
      throw new DefinitionError(where, `\`reads\` names "${asset}" twice. Say once which windows are read.`);
    }
    mappings.set(asset, mapping);
  }
  return tables.map((table) => {
    const mapping = mappings.get(table.asset) ?? inferMapping(window, table.window);
    const problem = findMappingProblem(mapping, window, table.window);
    if (problem !== undefined) throw new DefinitionError(where, `cannot read "${table.asset}": it ${problem}`);
    return { asset: table.asset, mapping };
  });
}

function inferMapping(own: WindowKind | undefined, input: WindowKind | undefined): Mapping {
  if (!own) return { kind: 'all' };
  return findMappingProblem({ kind: 'same' }, own, input) === undefined ? { kind: 'same' } : { kind: 'within' };
}

/** The earliest window is the one that holds the earliest of what is read, unless the definition names another. */
export function beginWith(window: WindowKind | undefined, tables: readonly NamedTable[]): WindowSpec | undefined {
  if (!window || hasFirst(window)) return window;
  const firsts = tables.flatMap((table) => table.window?.first ?? []);
  return { ...window, first: windowOf(window, Math.min(...firsts)).start };
}
