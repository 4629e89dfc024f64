import { cancellationSignal } from '@temporalio/activity';
import type { FailedCheck } from '../../model/check-result.ts';
import type { FieldDrift } from '../../model/field-drift.ts';
import type { Window } from '../../model/window.ts';
import { publish } from '../../warehouse/publish.ts';
import type { Transaction } from '../../warehouse/open-warehouse.ts';
import type { Publication, Published } from '../../warehouse/publish.ts';
import { recordCheckResults } from '../../warehouse/record-check-results.ts';
import { CHECK_TIMEOUT_MS } from '../../warehouse/run-checks.ts';
import type { Dependencies } from '../dependencies.ts';
import { CheckFailedError } from './check-failed-error.ts';
import { runBlockingChecks } from './run-blocking-checks.ts';
import { runWarningChecks } from './run-warning-checks.ts';

/** A publication whose tables are held to their checks. */
export interface CheckedPublication extends Omit<Publication, 'check' | 'signal'> {
  /** Undefined where the asset has no partitions. */
  readonly window: Window | undefined;
  /** Fields of the records that the contracts do not know. */
  readonly drift?: readonly FieldDrift[];
  /** Done in the same transaction when the blocking checks have let the new rows pass; what it throws stops all of it. */
  readonly also?: ((tx: Transaction) => Promise<void>) | undefined;
}

/** What was published, and what checks had against it. */
export interface CheckedPublished extends Published {
  /** Warnings, of each table the first ones. */
  readonly failedChecks: readonly FailedCheck[];
}

/** As many as a person reads, and a payload holds. */
const MAX_FAILED_TOLD = 50;

/**
 * Publishes what its blocking checks let pass: they see the new rows inside the publication, before anybody else does.
 * Where one fails a `CheckFailedError` says so, what was there stays, and what the checks said is kept. Warnings are looked
 * for when all is published. Without checks this is `publish`, and costs no statement more.
 */
export async function publishChecked(
  { warehouse, checkFunctions }: Pick<Dependencies, 'warehouse' | 'checkFunctions'>,
  { window, drift = [], also, ...publication }: CheckedPublication,
): Promise<CheckedPublished> {
  const { partition, fence, copies, fills = [] } = publication;
  const signal = cancellationSignal();
  const load = {
    partition,
    loadId: fence,
    window,
    tables: [...copies, ...fills].map(({ table }) => table),
    functions: checkFunctions ?? new Map(),
    now: Date.now(),
    bounds: { timeoutMs: CHECK_TIMEOUT_MS, signal },
  };
  const isBlocked = load.tables.some(({ checks = [] }) => checks.some(({ blocking }) => blocking));
  const check: Publication['check'] = async (tx, ledger) => {
    if (isBlocked) await runBlockingChecks(tx, load, ledger);
    await also?.(tx);
  };
  const isChecked = isBlocked || also !== undefined;
  try {
    const published = await publish(warehouse, { ...publication, signal, ...(isChecked ? { check } : {}) });
    const failed = await runWarningChecks(warehouse, load, published.ledger, drift);
    const failedChecks = failed.slice(0, MAX_FAILED_TOLD).map(({ asset, name, detail }) => ({ asset, name, detail }));
    return { ...published, failedChecks };
  } catch (error) {
    if (error instanceof CheckFailedError) {
      const { results } = error;
      await recordCheckResults(warehouse.sql, 'refused', { start: partition.start, loadId: fence, results });
    }
    throw error;
  }
}
