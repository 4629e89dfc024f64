import type { PipelineName } from '../model/asset-key.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import { rowsTable } from '../model/rule-set.ts';
import type { Instant } from '../model/window.ts';
import type { Day } from '../model/zone.ts';
import { namingColumns, readNamed, requestId, withoutErased } from '../record/asked-person.ts';
import type { NamedBy } from '../record/asked-person.ts';
import { keyIdentifier } from '../record/erasure-key.ts';
import type { ErasureKey } from '../record/erasure-key.ts';
import type { Fence } from './fence.ts';
import type { Transaction } from './open-warehouse.ts';

/** The rows that a load brings of a table whose records ask for erasures. */
export interface AskingRows {
  readonly pipeline: PipelineName;
  readonly table: TableSpec;
  readonly loadId: Fence;
  /** When they asked, and from when on it is done. */
  readonly day: Day;
  readonly executeAt: Instant;
  /** The newest first. At least one. */
  readonly keys: readonly ErasureKey[];
  /** Whose rows they are: for the audit. */
  readonly actor: string;
}

/** One window does not ask for more: it says so rather than forget somebody. */
const MAX_REQUESTS = 100_000;

/**
 * Puts what new rows ask for on record, each request once, in the transaction that publishes them: a request is on record
 * whenever its row is to be seen, and a row that is loaded again asks for nothing new. Rows of who is erased already ask
 * for nothing. Says how many were new.
 */
export async function askErasures(tx: Transaction, asking: AskingRows): Promise<number> {
  const { pipeline, day, keys, executeAt, actor } = asking;
  const [key] = keys;
  if (!key) throw new RangeError('Requests are put on record by a key. Please report this as a bug.');
  const requests = new Map<string, object>();
  for (const person of await readPersons(tx, asking)) {
    const on = `${pipeline} ${day}`;
    const id = requestId(key, on, person);
    const identifiers = person.map(({ kind, value }) => ({ ...keyIdentifier(key, kind, value) }));
    // By another key it was another id: while keys are changed, a request that is read again is none of today's.
    requests.set(id, { id, known: keys.map((each) => requestId(each, on, person)), identifiers });
  }
  // In one order, so that two loads that ask for the same never wait for each other.
  const rows = [...requests].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, request]) => request);
  if (rows.length === 0) return 0;
  const asked = await tx`
    with asked as (
      insert into hourloom.erasure (id, pipelines, identifiers, state, asked_at, execute_at)
      select
        given.id, ${tx.json([pipeline])}, given.identifiers, 'waiting', clock_timestamp(), ${new Date(executeAt)}
      from jsonb_to_recordset(${tx.json(rows as never)}) as given (id uuid, known uuid[], identifiers jsonb)
      where not exists (
        select from hourloom.erasure as earlier
        where earlier.id = any (given.known)
      )
      order by given.id
      on conflict do nothing
      returning id, identifiers
    )
    insert into hourloom.erasure_audit (erasure, step, actor, counts, at)
    select id, 'asked', ${actor}, jsonb_build_object('identifiers', jsonb_array_length(identifiers)), clock_timestamp()
    from asked
    returning erasure
  `;
  return asked.length;
}

/** Whom the rows name, those who are erased left out. */
async function readPersons(
  tx: Transaction,
  { table, loadId, keys }: AskingRows,
): Promise<readonly (readonly NamedBy[])[]> {
  const columns = namingColumns(table);
  const rows = await tx<Readonly<Record<string, string | null>>[]>`
    select distinct ${tx(columns.map(({ name }) => name))}
    from ${tx(table.schema)}.${tx(rowsTable(table))}
    where load_id = ${loadId}
    limit ${MAX_REQUESTS + 1}
  `;
  if (rows.length > MAX_REQUESTS) {
    throw new RangeError(`More than ${MAX_REQUESTS} erasures are asked for in one window of ${table.asset}.`);
  }
  return rows
    .map((row) =>
      withoutErased(
        columns.flatMap(({ name, kind }) => readNamed(kind, row[name]) ?? []),
        keys,
      ),
    )
    .filter((person) => person.length > 0);
}
