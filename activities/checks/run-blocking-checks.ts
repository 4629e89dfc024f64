import type { CheckResult } from '../../model/check-result.ts';
import type { LedgerEntry } from '../../model/ledger-entry.ts';
import type { Transaction } from '../../warehouse/open-warehouse.ts';
import { recordCheckResults } from '../../warehouse/record-check-results.ts';
import { boundChecks, explainRefusal, runCheckUnit, unboundChecks } from '../../warehouse/run-checks.ts';
import { CheckFailedError } from './check-failed-error.ts';
import { listAsked } from './checked-load.ts';
import type { CheckedLoad } from './checked-load.ts';

/**
 * Asks all blocking checks of a load before it is published, so that a person reads at once of everything that is to be
 * mended. What they said becomes visible with the load; a `CheckFailedError` stops it.
 */
export async function runBlockingChecks(
  tx: Transaction,
  load: CheckedLoad,
  ledger: readonly LedgerEntry[],
): Promise<void> {
  const { partition, loadId, bounds } = load;
  const results: CheckResult[] = [];
  await boundChecks(tx, bounds);
  for (const { rows, unit } of listAsked(load, ledger, ({ blocking }) => blocking)) {
    try {
      results.push(...(await runCheckUnit(tx, rows, unit, bounds)));
    } catch (error) {
      const refused = explainRefusal(error, rows, unit, bounds);
      if (!refused) throw error;
      // The transaction takes no more statements: those that would have come after are not asked.
      throw new CheckFailedError([...results, ...refused]);
    }
  }
  if (results.some(({ passed }) => !passed)) throw new CheckFailedError(results);
  await unboundChecks(tx);
  await recordCheckResults(tx, 'publishing', { start: partition.start, loadId, results });
}
