import postgres from 'postgres';
import type { Sql, Types } from './open-warehouse.ts';

export type PoolOptions = postgres.Options<{ readonly int8: postgres.PostgresType<Types['int8']> }>;

export interface Pool {
  /** Hands every statement to the pool of the moment. */
  readonly sql: Sql;
  close(): Promise<void>;
}

const IDLE_TIMEOUT_SECONDS = 60;
const CLOSE_WITHIN_SECONDS = 5;
const CLOSE_RETIRED_WITHIN_SECONDS = 1;

/** Nothing that began before is still under way after so long. */
const RETIRED_FOR_MS = 60 * 60_000;

/**
 * A pool that gives way to a new one when it loses a connection. What is under way on its other connections, or waits
 * for one, ends as it would have; then they are idle, and close.
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
      idle_timeout: IDLE_TIMEOUT_SECONDS,
      // The library would ask for the types of arrays on each new connection, and nobody hears when that fails: a server
      // that goes away in that moment would end the whole process. We use no arrays.
      fetch_types: false,
      // The first thing that a server says. A pool that never had a connection has lost none.
      onparameter: () => {
        established = true;
      },
      // Also when one closes because it was idle, which cannot be told apart and costs a connection made anew.
      onclose: () => {
        if (established && sql === current) current = retire(sql);
      },
    });
    return sql;
  }

  function retire(sql: Sql): Sql {
    retired.add(sql);
    setTimeout(() => retired.delete(sql), RETIRED_FOR_MS).unref();
    return open();
  }

  return {
    sql: new Proxy(current, {
      apply: (_, self, args) => Reflect.apply(current as unknown as (...args: unknown[]) => unknown, self, args),
      get: (_, name) => Reflect.get(current, name),
    }),
    async close() {
      const closing = [...retired].map((sql) => sql.end({ timeout: CLOSE_RETIRED_WITHIN_SECONDS }));
      await Promise.all([...closing, current.end({ timeout: CLOSE_WITHIN_SECONDS })]);
    },
  };
}
