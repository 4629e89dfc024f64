import postgres from 'postgres';
import type { TableSpec } from '../model/pipeline-spec.ts';
import { tellsOfPersons } from '../model/pii-fields.ts';
import { quoteIdentifier } from '../record/identifier.ts';
import { holdLock } from './hold-lock.ts';
import type { Sql, Transaction, Warehouse } from './open-warehouse.ts';
import { reachWarehouse } from './reach-warehouse.ts';
import { READER_ROLE } from './reader-role.ts';

/**
 * Sees to it that there is a role which can read what the tables show and nothing else of the warehouse: not the tables
 * that tell of persons, not what is quarantined, not Hourloom's own. Gives in words what a person must do where the
 * user of the warehouse may not; undefined where all is done. Safe to run from many workers at once.
 */
export async function grantReading(warehouse: Warehouse, tables: readonly TableSpec[]): Promise<string | undefined> {
  try {
    await reachWarehouse(warehouse, ensureRole);
    await holdLock(warehouse, 'hourloom.grant_reading', (tx) => grantTables(tx, tables));
    return undefined;
  } catch (error) {
    if (!isRefused(error)) throw error;
    return (
      `The user of DATABASE_URL may not make the role ${READER_ROLE} or let it read (${error.message}), so the API has ` +
      `no way to read with no more rights than it needs. As an administrator: create role ${READER_ROLE} login; ` +
      `grant ${READER_ROLE} to <the user of DATABASE_URL>; then start a worker, as the tables' owner.`
    );
  }
}

/** It may log in, and has no password until a person gives it one: who connects as this user puts the role on. */
async function ensureRole(sql: Sql): Promise<void> {
  const [found] = await sql<[RoleRow]>`
    select
      (select true from pg_roles where rolname = ${READER_ROLE}) is not null as exists,
      (select rolsuper from pg_roles where rolname = current_user) as is_super
  `;
  try {
    if (!found.exists) await sql.unsafe(`create role ${READER_ROLE} login`);
  } catch (error) {
    if (!isThereAlready(error)) throw error;
  }
  // Who made a role may give it to himself, and only then put it on.
  if (!found.is_super && !(await mayPutOn(sql))) await sql.unsafe(`grant ${READER_ROLE} to current_user`);
}

interface RoleRow {
  readonly exists: boolean;
  readonly is_super: boolean;
}

async function mayPutOn(sql: Sql): Promise<boolean> {
  // Postgres 16 tells putting a role on from being its member.
  const [row] = await sql<[{ may: boolean }]>`
    select pg_has_role(
      ${READER_ROLE},
      case when current_setting('server_version_num')::integer >= 160000 then 'set' else 'member' end
    ) as may
  `;
  return row.may;
}

async function grantTables(tx: Transaction, tables: readonly TableSpec[]): Promise<void> {
  const entries = tables.map((table) => ({
    schema: quoteIdentifier(table.schema),
    name: `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`,
    open: !tellsOfPersons(
      table,
      tables.filter(({ schema }) => schema === table.schema),
    ),
  }));
  const differing = await tx<{ schema: string; name: string; open: boolean }[]>`
    select entry.schema, entry.name, entry.open
    from jsonb_to_recordset(${tx.json(entries)}) as entry (schema text, name text, open boolean)
    where to_regclass(entry.name) is not null
      and entry.open <> (
        has_schema_privilege(${READER_ROLE}, entry.schema::regnamespace, 'usage')
        and has_table_privilege(${READER_ROLE}, to_regclass(entry.name), 'select')
      )
  `;
  for (const { schema, name, open } of differing) {
    if (open) {
      await tx.unsafe(`grant usage on schema ${schema} to ${READER_ROLE}`);
      await tx.unsafe(`grant select on ${name} to ${READER_ROLE}`);
    } else {
      await tx.unsafe(`revoke all on ${name} from ${READER_ROLE}`);
    }
  }
}

const INSUFFICIENT_PRIVILEGE = '42501';

function isRefused(error: unknown): error is postgres.PostgresError {
  return error instanceof postgres.PostgresError && error.code === INSUFFICIENT_PRIVILEGE;
}

/** Another worker made it meanwhile, perhaps one of another database: roles are the whole server's. */
function isThereAlready(error: unknown): boolean {
  return error instanceof postgres.PostgresError && ['42710', '23505'].includes(error.code);
}
