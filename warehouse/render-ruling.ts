import type { PartitionRef } from '../model/partition.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import { rowsTable } from '../model/rule-set.ts';
import type { SetReference, SetTable } from '../model/rule-set.ts';
import { columnTypeFacts } from '../record/column-type.ts';
import { quoteIdentifier } from '../record/identifier.ts';
import type { Fence } from './fence.ts';

/** A table of the set, and what a change does to it. */
export interface ChangedTable extends SetTable {
  /** It, or a child of it, gets rows. */
  readonly arrives: boolean;
  /** The loads whose rows go, of it or of a child. */
  readonly gone: readonly Fence[];
  /** Those of its references whose targets may be other ones after the change. */
  readonly shaken: readonly SetReference[];
}

/** The change as a whole: the partition it is of, and the load id of the rows that come. */
export interface ChangedPartition {
  readonly partition: PartitionRef;
  readonly fence: Fence;
}

/**
 * Where a ruling keeps what it found. Each session has its own, empty at the beginning of a transaction. They are never
 * analyzed, so no statement may need to know their size: rows are found by indexes, membership by hashing.
 *
 * `touched` are ids whose rows are judged, and whether one of them was kept before; once their table is judged, only
 * those stay for which that changed. `candidate` are the rows to judge in other loads than the arriving one.
 */
const PREPARE = [
  'set local jit = off',
  'create temp table if not exists hourloom_touched (asset text, id text, kept boolean not null, primary key (asset, id)) on commit delete rows',
  'create temp table if not exists hourloom_candidate (asset text, load_id bigint, id text, primary key (asset, load_id, id)) on commit delete rows',
  'create temp table if not exists hourloom_verdict (asset text, load_id bigint, id text, source_key text, line bigint, reason text, detail text, primary key (asset, load_id, id)) on commit delete rows',
  'create temp table if not exists hourloom_changed_load (asset text, load_id bigint) on commit delete rows',
];

const TOUCHED = 'pg_temp.hourloom_touched';
const CANDIDATE = 'pg_temp.hourloom_candidate';
const VERDICT = 'pg_temp.hourloom_verdict';
const CHANGED_LOAD = 'pg_temp.hourloom_changed_load';

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

/** Of several rows of one id, all but the earliest. An id has at most one row in a load. */
function judgeIds({ table, children }: SetTable, fence: Fence): string {
  const id = idOf(table);
  return `
    insert into ${VERDICT} (asset, load_id, id, source_key, line, reason, detail)
    with several as materialized (
      select candidate.id
      from ${CANDIDATE} as candidate
      where candidate.asset = ${assetOf(table)}
      group by candidate.id
      having count(*) + (
        select count(*)
        from ${rowsOf(table)} as arrived
        where arrived.load_id = ${numberOf(fence)}
          and arrived.${id} = ${castId('candidate.id', table)}
      ) > 1
    ), placed as (
      select
        several.id,
        each.load_id,
        each._source_key,
        each._line,
        ${contentOf(table, children)} as content,
        first_value(each._source_key) over earliest as kept_source_key,
        first_value(each._line) over earliest as kept_line,
        first_value(${contentOf(table, children)}) over earliest as kept_content,
        row_number() over earliest as place
      from several
      join ${rowsOf(table)} as each on each.${id} = ${castId('several.id', table)}
      join hourloom.materialization as made
        on made.load_id = each.load_id
        and made.asset = ${assetOf(table)}
        and made.visible
      window earliest as (partition by several.id order by made.partition, each._source_key collate "C", each._line)
    )
    select
      ${assetOf(table)},
      load_id,
      id,
      _source_key,
      _line,
      case when content = kept_content then 'duplicate' else 'key_conflict' end,
      format('the record of this %s in %s line %s is kept', ${textOf(table.set!.id)}, left(kept_source_key, 500), kept_line)
    from placed
    where place > 1`;
}

/** What makes two records the same: all that they say, in the table and its children, and not where they stand. */
function contentOf(table: TableSpec, children: readonly TableSpec[]): string {
  const parts = children.map(
    (child) => `(
          select jsonb_agg(part.content order by part.content)
          from (
            select ${rowOf(child, 'child')} as content
            from ${rowsOf(child)} as child
            where child.load_id = each.load_id
              and child.${idOf(child)} = each.${idOf(table)}
          ) as part
        )`,
  );
  return `jsonb_build_array(${[rowOf(table, 'each'), ...parts].join(', ')})`;
}

function rowOf({ columns }: TableSpec, alias: string): string {
  const told = columns.filter(({ value }) => value.kind !== 'line' || value.of === 'index');
  return `to_jsonb(row(${told.map(({ name }) => `${alias}.${quoteIdentifier(name)}`).join(', ')}))`;
}

/**
 * Records whose reference points to no kept row, among those of the arriving load and the candidates. First what they
 * refer to, each id once; only where one of these is not kept are they looked through again.
 */
function judgeReference(changed: ChangedTable, reference: SetReference, fence: Fence): string {
  const { table, children } = changed;
  const { from, column, to } = reference;
  const place = children.includes(from) ? `${from.name}.${column.name}` : column.name;
  const name = quoteIdentifier(column.name);
  return `
    insert into ${VERDICT} (asset, load_id, id, source_key, line, reason, detail)
    with broken as materialized (
      select wanted.target
      from (
        ${findReferring(changed, from, fence, (alias) => `${alias}.${name} as target`)}
      ) as wanted
      where wanted.target is not null
        and not exists (
          select from ${quoteIdentifier(to.schema)}.${quoteIdentifier(to.name)} as kept
          where kept.${idOf(to)} = wanted.target
        )
    ), breaking as materialized (
      select referring.load_id, referring.id
      from (
        ${findReferring(
          changed,
          from,
          fence,
          (alias) => `${alias}.load_id, ${alias}.${idOf(from)} as id`,
          (alias) => `exists (select from broken) and coalesce(${alias}.${name} in (select target from broken), false)`,
        )}
      ) as referring
    )
    select
      ${assetOf(table)},
      each.load_id,
      each.${idOf(table)}::text,
      each._source_key,
      each._line,
      'reference',
      ${textOf(`${place} refers to no kept row of ${to.asset}`)}
    from breaking
    join ${rowsOf(table)} as each
      on each.load_id = breaking.load_id
      and each.${idOf(table)} = breaking.id
    on conflict do nothing`;
}

/**
 * What is selected of the rows that are judged, without repetition. A condition is within a function, so that what it
 * looks up is hashed whatever the planner thinks of the number of rows.
 */
function findReferring(
  { table, arrives }: ChangedTable,
  from: TableSpec,
  fence: Fence,
  select: (alias: string) => string,
  where: (alias: string) => string = () => 'true',
): string {
  const others = `
        select ${select('other')}
        from ${CANDIDATE} as candidate
        join ${rowsOf(from)} as other
          on other.load_id = candidate.load_id
          and other.${idOf(from)} = ${castId('candidate.id', table)}
        where candidate.asset = ${assetOf(table)}
          and ${where('other')}`;
  if (!arrives) return `select distinct * from (${others}) as other`;
  return `
        select ${select('arrived')}
        from ${rowsOf(from)} as arrived
        where arrived.load_id = ${numberOf(fence)}
          and ${where('arrived')}
        union
        ${others}`;
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

function assetOf({ asset }: TableSpec): string {
  return textOf(asset);
}

function rowsOf(table: TableSpec): string {
  return `${quoteIdentifier(table.schema)}.${quoteIdentifier(rowsTable(table))}`;
}

function idOf({ asset, set }: TableSpec): string {
  if (!set) throw new Error(`${asset} has no ids over all hours.`);
  return quoteIdentifier(set.id);
}

function castId(text: string, { columns, set }: TableSpec): string {
  const column = columns.find(({ name }) => name === set?.id);
  if (!column) throw new Error('A table has the column of its ids.');
  return `${text}::${columnTypeFacts(column.type).ddl}`;
}

function textOf(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function numberOf(fence: Fence): string {
  const number = String(fence);
  if (!/^\d+$/u.test(number)) throw new RangeError(`${number} is no load id.`);
  return number;
}
