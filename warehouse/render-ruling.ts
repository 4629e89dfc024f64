import type { TableSpec } from '../model/pipeline-spec.ts';
import type { SetReference, SetTable } from '../model/rule-set.ts';
import { quoteIdentifier } from '../record/identifier.ts';
import type { Fence } from './fence.ts';
import { judgeIds, judgeReference } from './render-verdicts.ts';
import {
  assetOf,
  CANDIDATE,
  castId,
  CHANGED_LOAD,
  hashOf,
  idOf,
  isAmong,
  numberOf,
  PREPARE,
  PROBED,
  rowsOf,
  textOf,
  TOUCHED,
  VERDICT,
} from './ruling-tables.ts';
import type { ChangedTable, SetChange } from './ruling-tables.ts';

/** A change waits for those before it; one whose process stopped is ended by the server after a minute. */
const LOCK_TIMEOUT = '5min';

/**
 * Takes the set's lock, and notes the ids of the rows that come and of those that are about to go. Each statement sees
 * what was committed when it began, so all that follow the lock see every change before this one.
 */
export function renderBegin(tables: readonly ChangedTable[], change: SetChange): string {
  const { partition, fence } = change;
  return [
    `set local lock_timeout = '${LOCK_TIMEOUT}'`,
    `select pg_advisory_xact_lock(hashtextextended(${textOf(`hourloom.ruling ${partition.pipeline}`)}, 0))`,
    ...PREPARE,
    ...tables.flatMap((table) => noteTouched(table, fence)),
    ...forgetReferences(change),
  ].join(';\n');
}

/** Judges the tables in their order. Rows that go are gone, and the ledger says what is visible. */
export function renderFinish(tables: readonly ChangedTable[], change: SetChange): string {
  return tables.flatMap((table) => judgeTable(table, change)).join(';\n');
}

function noteTouched(changed: ChangedTable, fence: Fence): readonly string[] {
  const { table, isReferenced, arrives, gone } = changed;
  // Rows that come are found by their load; who refers to them must be asked for by their ids.
  const loads = [...(arrives && isReferenced ? [fence] : []), ...gone];
  if (loads.length === 0) return [];
  const id = idOf(table);
  const returns = `exists (
          select from ${rowsOf(table)} as arrived
          where arrived.load_id = ${numberOf(fence)}
            and arrived.${id} = each.${id}
        )`;
  return [
    `
    insert into ${TOUCHED} (asset, id, kept)
    select ${assetOf(table)}, found.id::text, ${wasKept(changed, fence)}
    from (
      select each.${id} as id
      from ${rowsOf(table)} as each
      where each.load_id in (${loads.map(numberOf).join(', ')})
        ${arrives && !isReferenced ? `and not ${returns}` : ''}
      group by each.${id}
    ) as found`,
  ];
}

/** The loads whose rows go refer to nothing any more. */
function forgetReferences({ tables, replaced }: SetChange): readonly string[] {
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

function judgeTable(changed: ChangedTable, change: SetChange): readonly string[] {
  const { fence } = change;
  return [
    ...changed.shaken.flatMap((reference) => [
      touchWaiting(changed, reference, fence),
      touchReferring(changed, reference, fence),
    ]),
    findCandidates(changed, fence),
    judgeIds(changed, fence),
    ...changed.references.map((reference) => judgeReference(changed, reference, fence)),
    writeRulings(changed),
    writeRuledPartitions(changed, change),
    ...(changed.isReferenced ? [forgetUnchanged(changed)] : []),
  ];
}

/** Records that are held back because they refer to an id which is kept now: their rulings say so. */
function touchWaiting(setTable: SetTable, { to }: SetReference, fence: Fence): string {
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
function touchReferring(setTable: SetTable, { from, column, to }: SetReference, fence: Fence): string {
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

/** Among the loads that are there, where an id comes up: of what was touched, and of what arrives. */
function findCandidates({ table, arrives }: ChangedTable, fence: Fence): string {
  const othersOf = (id: string): string => `
    cross join lateral (
      select other.load_id
      from ${rowsOf(table)} as other
      where other.${idOf(table)} = ${id}
        and other.load_id <> ${numberOf(fence)}
      ${PROBED}
    ) as other`;
  const repeated = `
    union
    select ${assetOf(table)}, other.load_id, arrived.${idOf(table)}::text
    from ${rowsOf(table)} as arrived${othersOf(`arrived.${idOf(table)}`)}
    where arrived.load_id = ${numberOf(fence)}`;
  return `
    insert into ${CANDIDATE} (asset, load_id, id)
    select touched.asset, other.load_id, touched.id
    from ${TOUCHED} as touched${othersOf(castId('touched.id', table))}
    where touched.asset = ${assetOf(table)}${arrives ? repeated : ''}`;
}

function writeRulings({ table }: SetTable): string {
  return `
    with gone as (
      delete from hourloom.ruling
      using ${CANDIDATE} as candidate
      where candidate.asset = ${assetOf(table)}
        and ruling.asset = candidate.asset
        and ruling.load_id = candidate.load_id
        and ruling.id = candidate.id
        and not exists (
          select from ${VERDICT} as verdict
          where verdict.asset = candidate.asset
            and verdict.load_id = candidate.load_id
            and verdict.id = candidate.id
        )
      returning ruling.load_id
    ), written as (
      insert into hourloom.ruling (asset, load_id, id, source_key, line, reason, detail, missing)
      select asset, load_id, id, source_key, line, reason, detail, missing
      from ${VERDICT}
      where asset = ${assetOf(table)}
      on conflict (asset, load_id, id) do update
      set
        reason = excluded.reason,
        detail = excluded.detail,
        missing = excluded.missing
      where (ruling.reason, ruling.detail, ruling.missing)
        is distinct from (excluded.reason, excluded.detail, excluded.missing)
      returning load_id
    )
    insert into ${CHANGED_LOAD} (asset, load_id)
    select ${assetOf(table)}, load_id from gone
    union
    select ${assetOf(table)}, load_id from written`;
}

/** Says of each partition, in the table and its children, that readers see something else than before. */
function writeRuledPartitions({ table, children }: SetTable, { partition, fence }: SetChange): string {
  const family = [table, ...children].map((each) => `(${assetOf(each)})`).join(', ');
  return `
    insert into hourloom.ruled_partition (asset, partition, ruling, held, ruled_at)
    select family.asset, made.partition, ${numberOf(fence)}, held.records, statement_timestamp()
    from hourloom.materialization as made
    cross join (values ${family}) as family (asset)
    cross join lateral (
      select count(*) as records
      from hourloom.ruling
      where ruling.asset = made.asset
        and ruling.load_id = made.load_id
    ) as held
    where made.asset = ${assetOf(table)}
      and made.visible
      and made.load_id in (
        select load_id from ${CHANGED_LOAD} where asset = ${assetOf(table)}
        union
        -- What its load of before held back, this one does not.
        select ${numberOf(fence)}
        from hourloom.ruled_partition as before
        where before.asset = ${assetOf(table)}
          and before.partition = ${textOf(new Date(partition.start).toISOString())}::timestamptz
      )
    on conflict (asset, partition) do update
    set
      ruling = excluded.ruling,
      held = excluded.held,
      ruled_at = excluded.ruled_at`;
}

function forgetUnchanged({ table }: SetTable): string {
  return `
    delete from ${TOUCHED} as touched
    where touched.asset = ${assetOf(table)}
      and touched.kept = exists (
        select from ${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)} as kept
        where kept.${idOf(table)} = ${castId('touched.id', table)}
      )`;
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
