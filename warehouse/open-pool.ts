import postgres from 'postgres';
import type { Sql, Types } from './open-warehouse.ts';

export type PoolOptions = postgres.Options<{ readonly int8: postgres.PostgresType<Types['int8']> }>;

export interface Pool {
  /** Hands every statement to the pool of the moment. */
  readonly sql: Sql;
  close(): Promise<void>;
}

/** By then whatever waited for a connection of the old pool has had it. */
const RETIRE_AFTER_MS = 60_000;
const RETIRE_WITHIN_SECONDS = 15 * 60;
const CLOSE_WITHIN_SECONDS = 5;

/**
 * A pool that is replaced by a new one when it loses a connection; transactions that are open on its other connections
 * end as they would have.
 *
 * The library (postgres 3.4.9) uses a lost connection's object again, together with what it was about to send and with
 * the error that ended it: the next statement gets an error that is not its own, or every later one times out.
 */
export function openPool(url: string, options: PoolOptions): Pool {
  const retired = new Set<Sql>();
  let current = open();

  function open(): Sql {
    let established = false;
    const sql: Sql = postgres(url, {
      ...options,
      // So that a connection which closes by itself was lost.
      idle_timeout: 0,
      max_lifetime: null,
      // The first thing a server says. A pool that never had a connection lost none: replacing it would not help.
      onparameter: () => {
        established = true;
      },
      onclose: () => {
        if (established && sql === current) current = retire(sql);
      },
    });
    return sql;
  }

  function retire(sql: Sql): Sql {
    retired.add(sql);
    setTimeout(() => {
      void sql.end({ timeout: RETIRE_WITHIN_SECONDS }).finally(() => retired.delete(sql));
    }, RETIRE_AFTER_MS).unref();
    return open();
  }

  return {
    sql: new Proxy(current, {
      apply: (_, self, args) => Reflect.apply(current as unknown as (...args: unknown[]) => unknown, self, args),
      get: (_, name) => Reflect.get(current, name),
    }),
    async close() {
      await Promise.all([current, ...retired].map((sql) => sql.end({ timeout: CLOSE_WITHIN_SECONDS })));
    },
  };
}
