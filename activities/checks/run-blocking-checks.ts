import type { CheckResult } from '../../model/check-result.ts';
import type { LedgerEntry } from '../../model/ledger-entry.ts';
import type { Transaction } from '../../warehouse/open-warehouse.ts';
import { recordCheckResults } from '../../warehouse/record-check-results.ts';
import { runCheckUnit } from '../../warehouse/run-checks.ts';
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
  const results: CheckResult[] = [];
  for (const { rows, unit } of listAsked(load, ledger, ({ blocking }) => blocking)) {
    results.push(...(await runCheckUnit(tx, rows, unit, load.bounds)));
  }
  if (results.some(({ passed }) => !passed)) throw new CheckFailedError(results);
  const { partition, loadId } = load;
  await recordCheckResults(tx, 'publishing', { start: partition.start, loadId, results });
}
