import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Sql, Transaction } from './open-warehouse.ts';

const TURNS = 5;

/**
 * Runs work in one READ COMMITTED transaction: committed when it returns, rolled back when it throws.
 *
 * In place of `sql.begin`, which has a hole: when the connection dies, it rejects but lets the work go on, and the
 * work's next statement, and the closing `rollback` or `commit`, run on the connection that took its place, outside
 * any transaction or inside somebody else's. Here a transaction that has ended sends nothing more.
 */
export async function transact<T>(sql: Sql, work: (tx: Transaction) => Promise<T>): Promise<T> {
  let over = false;
  const assertOpen = (): void => {
    if (over) throw new Error('The transaction has ended: its connection was lost. Nothing was sent.');
  };
  try {
    const result = await sql.begin('isolation level read committed', async (tx) => {
      const outcome = await settle(work(guard(tx, assertOpen)));
      // The error of a connection comes some turns of the event loop before its end: let the end arrive.
      for (let turn = 0; turn < TURNS && !outcome.ok; turn += 1) await nextTurn();
      // Settling would send `commit` or `rollback` to a connection that is no longer ours.
      if (over) return new Promise<never>(() => undefined);
      if (!outcome.ok) throw outcome.error;
      return { value: outcome.value };
    });
    return (result as { readonly value: T }).value;
  } finally {
    over = true;
  }
}

/** Asks before every statement whether the transaction is still there. */
function guard(tx: Transaction, assertOpen: () => void): Transaction {
  return new Proxy(tx, {
    apply(target, self, args) {
      assertOpen();
      return Reflect.apply(target as unknown as (...args: unknown[]) => unknown, self, args);
    },
    get(target, name) {
      assertOpen();
      return Reflect.get(target, name);
    },
  });
}

type Settled<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

function settle<T>(promise: Promise<T>): Promise<Settled<T>> {
  return promise.then(
    (value) => ({ ok: true, value }),
    (error: unknown) => ({ ok: false, error }),
  );
}
