import type postgres from 'postgres';
import { connectWithoutDelay } from './connect-without-delay.ts';
import { openPool } from './open-pool.ts';

/**
 * How Postgres' bigint is read: a number where it is exact, else its digits as text. Load ids, fences and counts are
 * always numbers: their sequence ends at 2^53 - 1. Not `BigInt`, because they travel through JSON.
 */
export type Int8 = number | string;

/** The types that are read in our own way. */
export type Types = { readonly int8: Int8 };

/** The pool: each statement may run on another connection. */
export type Sql = postgres.Sql<Types>;

/** One open transaction; see `transact`. */
export type Transaction = postgres.TransactionSql<Types>;

/** Whatever can run a statement: the pool, or a transaction that wants to see its own writes. */
export type Queryable = postgres.ISql<Types>;

/** A piece of a statement, made by `sql` and put into another one. */
export type Fragment = postgres.Fragment;

/** The Postgres database that holds the users' tables and the ledger. */
export interface Warehouse {
  readonly sql: Sql;
  /** `host:port/database`, for messages: it holds no secret. */
  readonly address: string;
  /** Waits up to five seconds for running statements, then closes every connection. */
  close(): Promise<void>;
}

export interface WarehouseOptions {
  /** `postgres://user:password@host:port/database`, also with `?sslmode=verify-full` and the like. */
  readonly url: string;
  /** At least the number of operations that run at once: one that finds no connection waits without a limit. */
  readonly maxConnections: number;
  /** What the server's list of sessions shows. */
  readonly applicationName: string;
  /** Settings that each session begins with, above those that all have. */
  readonly settings?: Readonly<Record<string, string>>;
}

const CONNECT_TIMEOUT_SECONDS = 10;

// Each is above what the work needs and below what anybody would wait for.
const STATEMENT_TIMEOUT_MS = 15 * 60_000;
const LOCK_TIMEOUT_MS = 30_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;

/** Opens a pool; nothing is connected before the first statement. */
export function openWarehouse({ url, maxConnections, applicationName, settings }: WarehouseOptions): Warehouse {
  const address = parseAddress(url);
  const pool = openPool(url, {
    max: maxConnections,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    onnotice: ignoreNotice,
    types: { int8: { to: 20, from: [20], parse: parseInt8, serialize: String } },
    connection: {
      application_name: applicationName,
      TimeZone: 'UTC',
      statement_timeout: STATEMENT_TIMEOUT_MS,
      lock_timeout: LOCK_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
      ...settings,
    },
    // The library's own socket waits for small packets to fill (a COPY of 10 MB takes 200 ms instead of 75), but it
    // knows about TLS and several hosts, so those keep it.
    ...(isPlain(address) ? { ssl: false, socket: connectWithoutDelay } : {}),
  });
  return {
    sql: pool.sql,
    address: `${address.host}${address.pathname}`,
    close: pool.close,
  };
}

function parseAddress(url: string): URL {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address && /^postgres(?:ql)?:$/u.test(address.protocol)) return address;
  // Without the text itself: it may hold a password.
  throw new TypeError(
    'The warehouse address is not a URL such as postgres://user:password@host:5432/database. Correct DATABASE_URL.',
  );
}

function isPlain({ host, hostname, searchParams }: URL): boolean {
  const ssl = searchParams.get('sslmode') ?? searchParams.get('ssl') ?? 'disable';
  const plain = ssl === 'disable' || ssl === 'false';
  return (
    plain && !searchParams.has('sslrootcert') && hostname !== '' && !hostname.includes('%2F') && !host.includes(',')
  );
}

function parseInt8(text: string): Int8 {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}

/** `create … if not exists` says a notice each time, which the library would print. */
function ignoreNotice(): void {}
