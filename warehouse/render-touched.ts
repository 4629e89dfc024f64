import type { TableSpec } from '../model/pipeline-spec.ts';
import type { SetReference, SetTable } from '../model/rule-set.ts';
import { quoteIdentifier } from '../record/identifier.ts';
import type { Fence } from './fence.ts';
import { assetOf, castId, hashOf, idOf, isAmong, numberOf, PROBED, rowsOf, textOf, TOUCHED } from './ruling-tables.ts';
import type { ChangedTable, SetChange } from './ruling-tables.ts';

/** Notes the ids of the rows that come and of those that are about to go, as far as their rows must be judged. */
export function noteTouched(changed: ChangedTable, fence: Fence): readonly string[] {
  const { table, isReferenced, arrives, gone } = changed;
  if (!isReferenced && arrives && gone.length > 0) return [noteChanged(changed, fence)];
  // Rows that come are found by their load; who refers to them must be asked for by their ids.
  const loads = [...(arrives && isReferenced ? [fence] : []), ...gone];
  if (loads.length === 0) return [];
  const id = idOf(table);
  return [
    `
    insert into ${TOUCHED} (asset, id, kept)
    select ${assetOf(table)}, found.id::text, ${wasKept(changed, fence)}
    from (
      select each.${id} as id
      from ${rowsOf(table)} as each
      where each.load_id in (${loads.map(numberOf).join(', ')})
      group by each.${id}
    ) as found`,
  ];
}

/**
 * Where a load takes the place of another, most ids go and come again: these are judged only where another load has
 * them too, and then all of their rows but one have been ruled out. Which ids are new is to be asked while the others are there.
 */
function noteChanged({ table, gone }: ChangedTable, fence: Fence): string {
  const id = idOf(table);
  const loads = gone.map(numberOf).join(', ');
  return `
    insert into ${TOUCHED} (asset, id, kept)
    select ${assetOf(table)}, found.id::text, false
    from (
      (
        select arrived.${id} as id
        from ${rowsOf(table)} as arrived
        where arrived.load_id = ${numberOf(fence)}
        except
        select each.${id}
        from ${rowsOf(table)} as each
        where each.load_id in (${loads})
      )
      union
      select each.${id}
      from ${rowsOf(table)} as each
      where each.load_id in (${loads})
        and exists (
          select from hourloom.ruling
          where ruling.asset = ${assetOf(table)}
            and ruling.id = each.${id}::text
            and ruling.reason <> 'reference'
          ${PROBED}
        )
    ) as found`;
}

/** The loads whose rows go refer to nothing any more. */
export function forgetReferences({ tables, replaced }: SetChange): readonly string[] {
  const assets = new Set(tables.filter(refersToOthers).map(({ asset }) => asset));
  const gone = replaced.filter(({ asset, rowCount }) => assets.has(asset) && rowCount > 0);
  if (gone.length === 0) return [];
  return [
    `
    delete from hourloom.reference
    where (load_id, asset) in (${gone.map(({ asset, loadId }) => `(${numberOf(loadId)}, ${textOf(asset)})`).join(', ')})`,
  ];
}

function refersToOthers({ columns }: TableSpec): boolean {
  return columns.some(({ references }) => references !== undefined);
}

/** Records that are held back because they refer to an id which is kept now: their rulings say so. */
export function touchWaiting(setTable: SetTable, { to }: SetReference, fence: Fence): string {
  return touch(
    setTable,
    fence,
    `
      select distinct ${castId('waiting.id', setTable.table)} as id
      from ${TOUCHED} as changed
      cross join lateral (
        select ruling.id
        from hourloom.ruling
        where ruling.asset = ${assetOf(setTable.table)}
          and ruling.missing = ${hashOf('changed.id')}
        ${PROBED}
      ) as waiting
      where changed.asset = ${assetOf(to)}
        and not changed.kept`,
  );
}

/** Records that refer to an id which is not kept any more: looked for in the loads that refer to it, row by row. */
export function touchReferring(setTable: SetTable, { from, column, to }: SetReference, fence: Fence): string {
  return touch(
    setTable,
    fence,
    `
      with gone as materialized (
        select ${castId('changed.id', to)} as id
        from ${TOUCHED} as changed
        where changed.asset = ${assetOf(to)}
          and changed.kept
      ), referring_load as materialized (
        select reference.load_id
        from hourloom.reference
        where reference.asset = ${assetOf(from)}
          and reference."column" = ${textOf(column.name)}
          and reference.targets && (select array_agg(${hashOf('gone.id')}) from gone)
      )
      select distinct referring.id
      from referring_load
      cross join lateral (
        select each.${idOf(from)} as id
        from ${rowsOf(from)} as each
        where each.load_id = referring_load.load_id
          and ${isAmong(`each.${quoteIdentifier(column.name)}`, 'select id from gone')}
        ${PROBED}
      ) as referring`,
  );
}

function touch(setTable: SetTable, fence: Fence, found: string): string {
  return `
    insert into ${TOUCHED} (asset, id, kept)
    select ${assetOf(setTable.table)}, found.id::text, ${wasKept(setTable, fence)}
    from (${found}
    ) as found
    on conflict do nothing`;
}

/** Whether a row of `found.id` was kept when the change began: among all rows but those that come. */
function wasKept({ table, isReferenced }: SetTable, arrived: Fence): string {
  // Where nothing refers to it, nobody asks.
  if (!isReferenced) return 'false';
  return `exists (
      select from ${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)} as kept
      where kept.${idOf(table)} = found.id
        and kept.load_id <> ${numberOf(arrived)}
    )`;
}
