import { fileURLToPath } from 'node:url';
import type { Instant } from '../model/window.ts';
import { readMigrations, MigrationError } from './migration.ts';
import type { Migration } from './migration.ts';
import type { Queryable, Sql, Transaction, Warehouse } from './open-warehouse.ts';
import { reachWarehouse } from './reach-warehouse.ts';
import { transact } from './transact.ts';

/** The product's own migrations: `sql/` at the root of the package, seen from the source or from what was built of it. */
export const MIGRATIONS_FOLDER = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../sql' : '../../sql', import.meta.url),
);

/** Where one migration of the folder stands in one database. */
export type MigrationState =
  | { readonly state: 'applied'; readonly number: number; readonly name: string; readonly appliedAt: Instant }
  | { readonly state: 'pending'; readonly number: number; readonly name: string };

/**
 * Applies what is pending, each migration in a transaction of its own, and returns the names of those it applied.
 * Safe to run from many processes at once: one works, the others wait and find nothing left.
 */
export async function migrateUp(warehouse: Warehouse, folder: string): Promise<readonly string[]> {
  const migrations = await readMigrations(folder);
  return reachWarehouse(warehouse, (sql) =>
    takeSteps(sql, migrations, (applied) => {
      const next = migrations[applied.length];
      if (!next) return undefined;
      return { name: next.name, take: (tx) => apply(tx, next) };
    }),
  );
}

/**
 * Goes back, newest first, until `to` is the highest migration that is applied (0: none), and returns the names of
 * those it took back. What their tables held is lost.
 */
export async function migrateDown(warehouse: Warehouse, folder: string, to: number): Promise<readonly string[]> {
  const migrations = await readMigrations(folder);
  return reachWarehouse(warehouse, (sql) =>
    takeSteps(sql, migrations, (applied) => {
      const last = migrations[applied.length - 1];
      if (!last || last.number <= to) return undefined;
      return { name: last.name, take: (tx) => takeBack(tx, last) };
    }),
  );
}

/** Every migration of the folder and whether it is applied. Changes nothing, also on a database that has none yet. */
export async function migrationStatus(warehouse: Warehouse, folder: string): Promise<readonly MigrationState[]> {
  const migrations = await readMigrations(folder);
  return reachWarehouse(warehouse, async (sql) => {
    const applied = await readApplied(sql);
    assertBelongs(migrations, applied);
    return migrations.map(({ number, name }, index) => {
      const row = applied[index];
      return row
        ? { state: 'applied', number, name, appliedAt: row.applied_at.getTime() }
        : { state: 'pending', number, name };
    });
  });
}

interface Step {
  readonly name: string;
  readonly take: (tx: Transaction) => Promise<void>;
}

/** One step for each transaction, chosen under the lock from what is applied by then, until there is none to take. */
async function takeSteps(
  sql: Sql,
  migrations: readonly Migration[],
  choose: (applied: readonly AppliedMigration[]) => Step | undefined,
): Promise<readonly string[]> {
  const taken: string[] = [];
  // One round more than there are migrations: the last one finds nothing to do.
  for (let round = 0; round <= migrations.length; round += 1) {
    const name = await transact(sql, async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtextextended('hourloom.migration', 0))`;
      const applied = await readApplied(tx);
      assertBelongs(migrations, applied);
      const step = choose(applied);
      await step?.take(tx);
      return step?.name;
    });
    if (name === undefined) break;
    taken.push(name);
  }
  return taken;
}

async function apply(tx: Transaction, { number, name, up, digest }: Migration): Promise<void> {
  if (number === 1) await createMigrationTable(tx);
  await tx.unsafe(up);
  await tx`
    insert into hourloom.migration (number, name, digest, applied_at)
    values (${number}, ${name}, decode(${digest}, 'hex'), clock_timestamp())
  `;
}

async function takeBack(tx: Transaction, { number, down }: Migration): Promise<void> {
  await tx.unsafe(down);
  await tx`delete from hourloom.migration where number = ${number}`;
}

/** What the migrations themselves are kept in; it stays when all of them are taken back. */
async function createMigrationTable(tx: Transaction): Promise<void> {
  await tx.unsafe(`
    create schema if not exists hourloom;

    create table if not exists hourloom.migration (
      number     integer not null,
      name       text not null,
      digest     bytea not null,
      applied_at timestamptz not null,

      constraint migration_once
        primary key (number),
      constraint migration_number_is_positive
        check (number > 0),
      constraint migration_digest_is_sha256
        check (octet_length(digest) = 32)
    );
  `);
}

interface AppliedMigration {
  readonly number: number;
  readonly name: string;
  readonly digest: string;
  readonly applied_at: Date;
}

async function readApplied(sql: Queryable): Promise<readonly AppliedMigration[]> {
  // Read from the catalog itself: `to_regclass` and `create … if not exists` go by what this session remembers of it,
  // and may not have heard yet of what another one made while we waited for the lock.
  const found = await sql`
    select
    from pg_catalog.pg_class as class
    join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
    where namespace.nspname = 'hourloom'
      and class.relname = 'migration'
  `;
  if (found.length === 0) return [];
  return sql<AppliedMigration[]>`
    select number, name, encode(digest, 'hex') as digest, applied_at
    from hourloom.migration
    order by number
  `;
}

function assertBelongs(migrations: readonly Migration[], applied: readonly AppliedMigration[]): void {
  applied.forEach(({ name, digest }, index) => {
    const migration = migrations[index];
    if (!migration) {
      throw new MigrationError(
        `The warehouse has migration ${name}, which this version does not know. Use the version that applied it, or a newer one.`,
      );
    }
    if (migration.name !== name || migration.digest !== digest) {
      throw new MigrationError(
        `Migration ${name} was changed after it had been applied to this warehouse. ` +
          'Restore its file as it was, and put the change into a new migration.',
      );
    }
  });
}
