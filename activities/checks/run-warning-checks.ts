import type { CheckResult } from '../../model/check-result.ts';
import { NEW_FIELDS } from '../../model/check-spec.ts';
import type { FieldDrift } from '../../model/field-drift.ts';
import type { LedgerEntry } from '../../model/ledger-entry.ts';
import { reachWarehouse } from '../../warehouse/reach-warehouse.ts';
import { recordCheckResults } from '../../warehouse/record-check-results.ts';
import { boundChecks, explainRefusal, isCounted, judgeCounted, runCheckUnit } from '../../warehouse/run-checks.ts';
import { transact } from '../../warehouse/transact.ts';
import type { Dependencies } from '../dependencies.ts';
import { listAsked } from './checked-load.ts';
import type { AskedUnit, CheckedLoad } from './checked-load.ts';

/**
 * Asks the checks of a published load that only warn, keeps what they said, and returns those that failed. One that
 * cannot be carried out has failed; none of them changes anything about the load. Nothing is sent where there is neither
 * such a check nor a new field.
 */
export async function runWarningChecks(
  warehouse: Dependencies['warehouse'],
  load: CheckedLoad,
  ledger: readonly LedgerEntry[],
  drift: readonly FieldDrift[],
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const { rows, unit } of listAsked(load, ledger, ({ blocking }) => !blocking)) {
    results.push(...(isCounted(unit) ? judgeCounted(unit, rows) : await askServer(warehouse, load, { rows, unit })));
  }
  results.push(...load.tables.flatMap((table) => judgeDrift(table, drift)));
  const { partition, loadId } = load;
  if (results.length === 0) return [];
  await reachWarehouse(warehouse, (sql) =>
    recordCheckResults(sql, 'published', { start: partition.start, loadId, results }),
  );
  return results.filter(({ passed }) => !passed);
}

/** In a transaction of its own, which what goes wrong in it ends. */
async function askServer(
  warehouse: Dependencies['warehouse'],
  { bounds }: CheckedLoad,
  { rows, unit }: AskedUnit,
): Promise<readonly CheckResult[]> {
  try {
    return await reachWarehouse(warehouse, (sql) =>
      transact(sql, async (tx) => {
        await tx`set transaction read only`;
        await boundChecks(tx, bounds);
        return runCheckUnit(tx, rows, unit, bounds);
      }),
    );
  } catch (error) {
    const refused = explainRefusal(error, rows, unit, bounds);
    if (!refused) throw error;
    return refused;
  }
}

const MAX_FIELDS_SAID = 10;

/** Fields that the contract does not know are left out of the rows: somebody may want them. */
function judgeDrift(
  { asset, name }: CheckedLoad['tables'][number],
  drift: readonly FieldDrift[],
): readonly CheckResult[] {
  const fields = drift.filter(({ table }) => table === name);
  if (fields.length === 0) return [];
  const said = fields.slice(0, MAX_FIELDS_SAID).map(({ field, records }) => `${field} (${records})`);
  const more = fields.length > MAX_FIELDS_SAID ? ` and ${fields.length - MAX_FIELDS_SAID} more` : '';
  const detail = `the contract does not know these fields, with how many records have each: ${said.join(', ')}${more}`;
  return [{ asset, name: NEW_FIELDS, blocking: false, passed: false, value: fields.length, detail }];
}
