import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';
import { OutageError } from '../model/outage-error.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import { TerminalError } from '../model/terminal-error.ts';
import { compareTable } from './compare-table.ts';
import type { ComparedTable } from './compare-table.ts';
import type { Sql, Warehouse } from './open-warehouse.ts';
import { reachWarehouse } from './reach-warehouse.ts';
import { transact } from './transact.ts';

/** A table of this name exists, and rows of it would have to become others. It is never changed by itself. */
export class TableDiffersError extends TerminalError {
  readonly table: string;
  readonly differences: readonly string[];

  constructor(table: string, differences: readonly string[]) {
    super(
      `Table ${table} is not as its definition says: ${differences.join('; ')}. ` +
        'Columns are added, nothing else is changed: restore the definition, or give the table another name there, ' +
        'and fill that one from the lake with: hourloom backfill start <pipeline> --only missing',
    );
    this.name = 'TableDiffersError';
    this.table = table;
    this.differences = differences;
  }
}

/** Somebody holds a table for longer than a change of its columns waits. */
export class TableLockedError extends OutageError {
  constructor(table: string, statement: string, cause: unknown) {
    super(
      `Table ${table} is in use and could not be changed in ${MAX_TRIES} tries (${statement}). ` +
        'Try again when its long statements have ended; select * from pg_stat_activity shows them.',
      { cause },
    );
    this.name = 'TableLockedError';
  }
}

export interface ApplySchemaOptions {
  /** How long one statement waits for a table, and with it everybody who comes after. */
  readonly lockTimeoutMs?: number;
  readonly waitMs?: number;
}

const MAX_TRIES = 10;
const LOCK_TIMEOUT_MS = 2_000;
const WAIT_MS = 500;
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Makes the tables that are not there, and adds and loosens columns of those that are. Throws a `TableDiffersError` where
 * a table needs anything else; then nothing was changed. Gives what differed. Safe from many workers at once.
 */
export async function applySchema(
  warehouse: Warehouse,
  tables: readonly TableSpec[],
  { lockTimeoutMs = LOCK_TIMEOUT_MS, waitMs = WAIT_MS }: ApplySchemaOptions = {},
): Promise<readonly ComparedTable[]> {
  return reachWarehouse(warehouse, async (sql) => {
    const compared = await createTables(sql, tables);
    for (const { table, differences } of compared) {
      const statements = differences
        .filter(({ kind }) => kind === 'add' || kind === 'loosen')
        .flatMap((difference) => difference.statements);
      for (const statement of statements) {
        await alterTable(sql, `${table.schema}.${table.name}`, statement, { lockTimeoutMs, waitMs });
      }
    }
    return compared;
  });
}

/** All that are new in one transaction, or none. */
async function createTables(sql: Sql, tables: readonly TableSpec[]): Promise<readonly ComparedTable[]> {
  return transact(sql, async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtextextended('hourloom.ensure_tables', 0))`;
    const compared: ComparedTable[] = [];
    for (const table of tables) compared.push(await compareTable(tx, table));
    for (const { table, differences } of compared) {
      const refused = differences.filter(({ kind }) => kind === 'refuse').map(({ what }) => what);
      if (refused.length > 0) throw new TableDiffersError(`${table.schema}.${table.name}`, refused);
    }
    const created = compared.flatMap(({ differences }) => differences.filter(({ kind }) => kind === 'create'));
    for (const statement of created.flatMap(({ statements }) => statements)) await tx.unsafe(statement);
    return compared;
  });
}

/**
 * Each statement in a transaction of its own: it waits for the loads that run, and all that comes meanwhile waits behind
 * it, so it gives up soon, lets them pass and tries again.
 */
async function alterTable(
  sql: Sql,
  table: string,
  statement: string,
  { lockTimeoutMs, waitMs }: Required<ApplySchemaOptions>,
): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await transact(sql, async (tx) => {
        await tx`select set_config('lock_timeout', ${String(lockTimeoutMs)}, true)`;
        await tx.unsafe(statement);
      });
    } catch (error) {
      const isLocked = error instanceof postgres.PostgresError && error.code === LOCK_NOT_AVAILABLE;
      if (!isLocked) throw error;
      if (tried === MAX_TRIES) throw new TableLockedError(table, statement, error);
      await delay(waitMs);
    }
  }
}
