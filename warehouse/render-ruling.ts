import type { SetTable } from '../model/rule-set.ts';
import { quoteIdentifier } from '../record/identifier.ts';
import type { Fence } from './fence.ts';
import { forgetReferences, noteTouched, touchReferring, touchWaiting } from './render-touched.ts';
import { judgeIds, judgeReference } from './render-verdicts.ts';
import {
  assetOf,
  CANDIDATE,
  castId,
  CHANGED_LOAD,
  idOf,
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

/** Rows of touched and of arriving ids in other loads than the arriving one. */
function findCandidates({ table, isReferenced, arrives, gone }: ChangedTable, fence: Fence): string {
  // Else those that arrive are among the touched, as far as they have to be.
  const isFirst = arrives && !isReferenced && gone.length === 0;
  const [rows, id] = [rowsOf(table), idOf(table)];
  const others = (of: string): string => `
        select other.load_id
        from ${rows} as other
        where other.${id} = ${of}
          and other.load_id <> ${numberOf(fence)}
        ${PROBED}`;
  const repeated = `
    union
    select ${assetOf(table)}, other.load_id, repeated.id::text
    from (
      select arrived.${id} as id
      from ${rows} as arrived
      where arrived.load_id = ${numberOf(fence)}
        and exists (${others(`arrived.${id}`)})
      ${PROBED}
    ) as repeated
    cross join lateral (${others('repeated.id')}) as other`;
  return `
    insert into ${CANDIDATE} (asset, load_id, id)
    select touched.asset, other.load_id, touched.id
    from ${TOUCHED} as touched
    cross join lateral (${others(castId('touched.id', table))}) as other
    where touched.asset = ${assetOf(table)}${isFirst ? repeated : ''}`;
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
