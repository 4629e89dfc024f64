import type { PartitionRef } from '../model/partition.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import { orderRuleSet } from '../model/rule-set.ts';
import type { SetTable } from '../model/rule-set.ts';
import type { Fence } from './fence.ts';
import type { Transaction } from './open-warehouse.ts';
import type { Materialization } from './read-ledger.ts';
import { PREPARE_RULING, renderRule, renderTouched } from './render-ruling.ts';

/** Rows of a set that come, go or are replaced in one transaction. */
export interface SetChange {
  readonly partition: PartitionRef;
  /** The load id of the rows that come, if any do; the number of the ruling. */
  readonly fence: Fence;
  /** All tables of the pipeline. Where none of them has rules over a set, there is nothing to judge. */
  readonly tables: readonly TableSpec[];
  /** The makings of the partition whose rows go. */
  readonly replaced: readonly Materialization[];
}

export interface Ruling {
  /** Judges anew, now that the rows that go are gone and the ledger says what is visible. */
  finish(): Promise<void>;
}

/** A publication waits for those before it; one that stopped is ended by the server after a minute. */
const LOCK_TIMEOUT_MS = 5 * 60_000;

/**
 * Judges the records that a change touches by the rules over the whole set: of several rows of one id the earliest is
 * kept (by partition, source key, line), and a reference must point to a kept row. Undefined where there are no such rules.
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
  const set = orderRuleSet(change.tables);
  if (set.length === 0) return undefined;
  const { partition, fence } = change;
  await tx`select set_config('lock_timeout', ${String(LOCK_TIMEOUT_MS)}, true)`;
  await tx`select pg_advisory_xact_lock(hashtextextended(${`hourloom.ruling ${partition.pipeline}`}, 0))`;
  const touched = set.map((table) => renderTouched(table, { arrived: fence, gone: findGone(table, change) }));
  await tx.unsafe([PREPARE_RULING, ...touched].join(';\n'));
  return {
    async finish() {
      await tx.unsafe(set.map((table) => renderRule(table, { partition, fence })).join(';\n'));
    },
  };
}

/** The loads of a table and its children whose rows go. */
function findGone({ table, children }: SetTable, { replaced }: SetChange): readonly Fence[] {
  const family = new Set([table, ...children].map(({ asset }) => asset));
  return [...new Set(replaced.filter(({ asset }) => family.has(asset)).map(({ loadId }) => loadId))];
}
