import type { SetReference, SetTable } from '../model/rule-set.ts';
import { quoteIdentifier } from '../record/identifier.ts';
import type { Fence } from './fence.ts';
import { judgeIds, judgeReference } from './render-verdicts.ts';
import {
  assetOf,
  CANDIDATE,
  castId,
  CHANGED_LOAD,
  idOf,
  numberOf,
  PREPARE,
  rowsOf,
  textOf,
  TOUCHED,
  VERDICT,
} from './ruling-tables.ts';
import type { ChangedPartition, ChangedTable } from './ruling-tables.ts';

/** A change waits for those before it; one whose process stopped is ended by the server after a minute. */
const LOCK_TIMEOUT = '5min';

/**
 * Takes the set's lock, and notes the ids of the rows that come and of those that are about to go. Each statement sees
 * what was committed when it began, so all that follow the lock see every change before this one.
 */
export function renderBegin(tables: readonly ChangedTable[], { partition, fence }: ChangedPartition): string {
  return [
    `set local lock_timeout = '${LOCK_TIMEOUT}'`,
    `select pg_advisory_xact_lock(hashtextextended(${textOf(`hourloom.ruling ${partition.pipeline}`)}, 0))`,
    ...PREPARE,
    ...tables.flatMap((table) => noteTouched(table, fence)),
  ].join(';\n');
}

/** Judges the tables in their order. Rows that go are gone, and the ledger says what is visible. */
export function renderFinish(tables: readonly ChangedTable[], change: ChangedPartition): string {
  return tables.flatMap((table) => judgeTable(table, change)).join(';\n');
}

function noteTouched(changed: ChangedTable, fence: Fence): readonly string[] {
  const { table, isReferenced, arrives, gone } = changed;
  // Rows that come are found by their load; who refers to them must be asked for by their ids.
  const loads = [...(arrives && isReferenced ? [fence] : []), ...gone];
  if (loads.length === 0) return [];
  const id = idOf(table);
  return [
    `
    insert into ${TOUCHED} (asset, id, kept)
    select ${assetOf(table)}, found.id::text, ${wasKept(changed, fence)}
    from (
      select ${id} as id
      from ${rowsOf(table)}
      where load_id in (${loads.map(numberOf).join(', ')})
      group by ${id}
    ) as found`,
  ];
}

function judgeTable(changed: ChangedTable, change: ChangedPartition): readonly string[] {
  const { fence } = change;
  return [
    ...changed.shaken.map((reference) => touchReferring(changed, reference, fence)),
    findCandidates(changed, fence),
    judgeIds(changed, fence),
    ...changed.references.map((reference) => judgeReference(changed, reference, fence)),
    writeRulings(changed),
    writeRuledPartitions(changed, change),
    ...(changed.isReferenced ? [forgetUnchanged(changed)] : []),
  ];
}

/** Records that refer to an id which was kept and is not, or the other way round. */
function touchReferring(setTable: SetTable, { from, column, to }: SetReference, fence: Fence): string {
  return `
    insert into ${TOUCHED} (asset, id, kept)
    select ${assetOf(setTable.table)}, found.id::text, ${wasKept(setTable, fence)}
    from (
      select distinct referring.${idOf(from)} as id
      from ${TOUCHED} as changed
      join ${rowsOf(from)} as referring on referring.${quoteIdentifier(column.name)} = ${castId('changed.id', to)}
      where changed.asset = ${assetOf(to)}
        and referring.load_id <> ${numberOf(fence)}
    ) as found
    on conflict do nothing`;
}

function findCandidates({ table, arrives }: ChangedTable, fence: Fence): string {
  const id = idOf(table);
  const repeated = `
    union
    select ${assetOf(table)}, other.load_id, other.${id}::text
    from ${rowsOf(table)} as arrived
    join ${rowsOf(table)} as other on other.${id} = arrived.${id}
    where arrived.load_id = ${numberOf(fence)}
      and other.load_id <> ${numberOf(fence)}`;
  return `
    insert into ${CANDIDATE} (asset, load_id, id)
    select touched.asset, other.load_id, touched.id
    from ${TOUCHED} as touched
    join ${rowsOf(table)} as other on other.${id} = ${castId('touched.id', table)}
    where touched.asset = ${assetOf(table)}
      and other.load_id <> ${numberOf(fence)}${arrives ? repeated : ''}`;
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
      insert into hourloom.ruling (asset, load_id, id, source_key, line, reason, detail)
      select asset, load_id, id, source_key, line, reason, detail
      from ${VERDICT}
      where asset = ${assetOf(table)}
      on conflict (asset, load_id, id) do update
      set
        reason = excluded.reason,
        detail = excluded.detail
      where (ruling.reason, ruling.detail) is distinct from (excluded.reason, excluded.detail)
      returning load_id
    )
    insert into ${CHANGED_LOAD} (asset, load_id)
    select ${assetOf(table)}, load_id from gone
    union
    select ${assetOf(table)}, load_id from written`;
}

/** Says of each partition, in the table and its children, that readers see something else than before. */
function writeRuledPartitions({ table, children }: SetTable, { partition, fence }: ChangedPartition): string {
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
