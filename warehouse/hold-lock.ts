import type { Transaction, Warehouse } from './open-warehouse.ts';
import { reachWarehouse } from './reach-warehouse.ts';
import { transact } from './transact.ts';

/**
 * Does `work` while nobody else does work under the same name, in any process. What is short only: it holds a connection
 * and a transaction, and others wait.
 */
export function holdLock<T>(warehouse: Warehouse, name: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return reachWarehouse(warehouse, (sql) =>
    transact(sql, async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`;
      return work(tx);
    }),
  );
}
