import { orderRuleSet } from '../model/rule-set.ts';
import type { Transaction } from './open-warehouse.ts';
import { renderBegin, renderFinish } from './render-ruling.ts';
import type { ChangedTable, SetChange } from './ruling-tables.ts';

export interface Ruling {
  /** Judges anew, now that the rows that go are gone and the ledger says what is visible. */
  finish(): Promise<void>;
}

/**
 * Judges the records that a change touches by the rules over the whole set: of several rows of one id the earliest is
 * kept (by partition, source key, line), and a reference must point to a kept row. Undefined where nothing is touched.
 *
 * All changes of a set happen one after the other: the set's lock is taken here, after the fence's and before anything
 * is looked at, and held until the commit. So each sees what all earlier ones left, and every later one sees this one;
 * which rows are kept is then a function of all rows, whatever the order in which they came. Rows that are copied before
 * the lock are nobody else's to see.
 *
 *     touched: ids in the rows that come and in those that go
 *     judged: all rows of touched ids, and what refers to an id that was kept and is not, or the other way round
 */
export async function beginRuling(tx: Transaction, change: SetChange): Promise<Ruling | undefined> {
  const tables = findChanged(change);
  if (tables.length === 0) return undefined;
  await tx.unsafe(renderBegin(tables, change));
  return {
    async finish() {
      await tx.unsafe(renderFinish(tables, change));
    },
  };
}

/** The tables that rows come to or go from, and those that refer to them, near or far. */
function findChanged({ tables, arrived, replaced }: SetChange): readonly ChangedTable[] {
  const changed: ChangedTable[] = [];
  for (const setTable of orderRuleSet(tables)) {
    const family = new Set([setTable.table, ...setTable.children].map(({ asset }) => asset));
    const arrives = arrived.some((asset) => family.has(asset));
    // A making without rows has none to take away.
    const gone = replaced.filter(({ asset, rowCount }) => family.has(asset) && rowCount > 0);
    const shaken = setTable.references.filter(({ to }) => changed.some(({ table }) => table.name === to.name));
    if (!arrives && gone.length === 0 && shaken.length === 0) continue;
    changed.push({ ...setTable, arrives, gone: [...new Set(gone.map(({ loadId }) => loadId))], shaken });
  }
  return changed;
}
