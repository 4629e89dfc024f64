import type { ReadSpec } from '../model/derived-spec.ts';
import type { Window, WindowKind } from '../model/window.ts';
import type { DerivedFunction } from '../record/derived-function.ts';
import type { Reading } from './around.ts';
import { DefinitionError } from './definition-error.ts';
import { findNamedTable } from './table-handle.ts';
import type { NamedTable, TableHandle } from './table-handle.ts';
import type { Row } from './table.ts';

/** What a function computes a partition from. */
export interface ComputeInput<Own extends WindowKind | undefined = WindowKind> {
  /** The partition's window, its end excluded; undefined where the asset is one whole. */
  readonly window: Own extends WindowKind ? Window : undefined;
  /**
   * The visible rows of a table that `reads` names, of the windows that the partition is made of, ordered by window and
   * then by key. They come as they are asked for, never all at once; timestamps are texts in UTC, to the microsecond.
   */
  readonly read: <Table extends TableHandle & { readonly row?: unknown }>(table: Table) => AsyncIterable<Row<Table>>;
  /** Aborted when the run is cancelled or its time is over. What is yielded after that reaches nobody. */
  readonly signal: AbortSignal;
}

/** Yields the rows of one partition. */
export type Compute<Values, Own extends WindowKind | undefined> = (input: ComputeInput<Own>) => AsyncIterable<Values>;

/** Without a version nobody could tell that a function gives other rows than it did. */
export function readVersion(where: string, version: unknown): number {
  if (typeof version === 'number' && Number.isSafeInteger(version) && version >= 1) return version;
  throw new DefinitionError(
    where,
    'its function has no `version`. Write version: 1, and raise it whenever the function gives other rows.',
  );
}

/** The tables that a function reads, sorted by asset, and those of which it says which windows. */
export function readFunctionTables(
  where: string,
  reads: readonly (TableHandle | Reading)[] | undefined,
): { readonly tables: readonly NamedTable[]; readonly written: readonly Reading[] } {
  const tables = new Map<string, NamedTable>();
  const written: Reading[] = [];
  for (const read of reads ?? []) {
    const named = 'mapping' in read ? read.table : findNamedTable(read);
    if (!named) throw new DefinitionError(where, '`reads` holds something else than a table. Name those it reads.');
    if (tables.has(named.asset)) {
      throw new DefinitionError(where, `\`reads\` names "${named.asset}" twice. Say once which windows are read.`);
    }
    tables.set(named.asset, named);
    if ('mapping' in read) written.push(read);
  }
  if (tables.size === 0) {
    throw new DefinitionError(
      where,
      'reads no table. Name those of its function: reads: [door2door.vehicle_location].',
    );
  }
  return { tables: [...tables.values()].sort((a, b) => (a.asset < b.asset ? -1 : 1)), written };
}

/** The function as the worker calls it: by assets in place of handles, and only those that `reads` names. */
export function readCompute<Own extends WindowKind | undefined>(
  where: string,
  compute: Compute<unknown, Own>,
  reads: readonly ReadSpec[],
): DerivedFunction['compute'] {
  if (typeof compute !== 'function') {
    throw new DefinitionError(where, 'its `compute` is no function. Write it as async *compute({ read }) { … }.');
  }
  return ({ window, read, signal }) => {
    const input: ComputeInput = {
      // Where the asset is one whole, the definition's type says so.
      window: window as Window,
      signal,
      read: <Table extends TableHandle & { readonly row?: unknown }>(table: Table) => {
        const asset = findNamedTable(table)?.asset;
        if (asset !== undefined && reads.some((each) => each.asset === asset)) {
          return read(asset) as AsyncIterable<Row<Table>>;
        }
        throw new DefinitionError(where, `its function reads "${asset ?? 'no table'}", which \`reads\` does not name.`);
      },
    };
    return compute(input as unknown as ComputeInput<Own>);
  };
}
