import type { TableSpec } from '../model/pipeline-spec.ts';
import type { SetReference, SetTable } from '../model/rule-set.ts';
import { quoteIdentifier } from '../record/identifier.ts';
import type { Fence } from './fence.ts';
import {
  assetOf,
  CANDIDATE,
  castId,
  hashOf,
  idOf,
  isAmong,
  numberOf,
  PROBED,
  rowsOf,
  textOf,
  VERDICT,
} from './ruling-tables.ts';
import type { ChangedTable } from './ruling-tables.ts';

/** Of several rows of one id, all but the earliest. An id has at most one row in a load. */
export function judgeIds({ table, children }: SetTable, fence: Fence): string {
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
      cross join lateral (
        select *
        from ${rowsOf(table)} as each
        where each.${id} = ${castId('several.id', table)}
        ${PROBED}
      ) as each
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
 * refer to, each id once; only where one of these is not kept are they looked through again. What the arriving load
 * refers to is noted, to find it when one of these is not kept any more.
 */
export function judgeReference(changed: ChangedTable, reference: SetReference, fence: Fence): string {
  const { table, children, arrives } = changed;
  const { from, column, to } = reference;
  const place = children.includes(from) ? `${from.name}.${column.name}` : column.name;
  const target = `each.${quoteIdentifier(column.name)}`;
  const wanted = [
    ...(arrives ? ['select target from arrived'] : []),
    selectOfCandidates(table, from, `${target} as target`),
  ];
  const isBroken = `exists (select from broken) and ${isAmong(target, 'select target from broken')}`;
  const breaking = `each.load_id, each.${idOf(from)} as id, ${hashOf(target)} as target`;
  const looked = [
    ...(arrives ? [`${selectOfLoad(from, fence, breaking)} and ${isBroken}`] : []),
    `${selectOfCandidates(table, from, breaking)} and ${isBroken}`,
  ];
  return `
    with ${arrives ? `${noteTargets(reference, fence)}, ` : ''}broken as materialized (
      select wanted.target
      from (${wanted.join(`
        union`)}
      ) as wanted
      where wanted.target is not null
        and not exists (
          select from ${quoteIdentifier(to.schema)}.${quoteIdentifier(to.name)} as kept
          where kept.${idOf(to)} = wanted.target
        )
    ), breaking as materialized (
      select looked.load_id, looked.id, min(looked.target) as missing
      from (${looked.join(`
        union all`)}
      ) as looked
      group by looked.load_id, looked.id
    )
    insert into ${VERDICT} (asset, load_id, id, source_key, line, reason, detail, missing)
    select
      ${assetOf(table)},
      each.load_id,
      each.${idOf(table)}::text,
      each._source_key,
      each._line,
      'reference',
      ${textOf(`${place} refers to no kept row of ${to.asset}`)},
      breaking.missing
    from breaking
    join ${rowsOf(table)} as each
      on each.load_id = breaking.load_id
      and each.${idOf(table)} = breaking.id
    on conflict do nothing`;
}

/** What the arriving rows refer to, each id once. */
function noteTargets({ from, column }: SetReference, fence: Fence): string {
  return `arrived as materialized (${selectOfLoad(from, fence, `distinct each.${quoteIdentifier(column.name)} as target`)}
    ), noted as (
      insert into hourloom.reference (load_id, asset, "column", targets)
      select ${numberOf(fence)}, ${assetOf(from)}, ${textOf(column.name)}, array_agg(${hashOf('target')})
      from arrived
      where target is not null
      having count(*) > 0
      on conflict (load_id, asset, "column") do update
      set targets = excluded.targets
    )`;
}

function selectOfLoad(from: TableSpec, fence: Fence, columns: string): string {
  return `
        select ${columns}
        from ${rowsOf(from)} as each
        where each.load_id = ${numberOf(fence)}`;
}

function selectOfCandidates(table: TableSpec, from: TableSpec, columns: string): string {
  return `
        select ${columns}
        from ${CANDIDATE} as candidate
        join ${rowsOf(from)} as each
          on each.load_id = candidate.load_id
          and each.${idOf(from)} = ${castId('candidate.id', table)}
        where candidate.asset = ${assetOf(table)}`;
}
