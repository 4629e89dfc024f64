import type { BackfillProgress, BackfillTally } from '../model/backfill.ts';
import { writeRest } from './backfill-bar.ts';
import { RunFailedError } from './errors.ts';
import { formatTable } from './format-table.ts';

const MAX_WRITTEN = 20;

/** How far a backfill is, or how it ended, for people. */
export function writeProgress(id: string, progress: BackfillProgress): string {
  const { state, derived, failures } = progress;
  const rest = state === 'running' || state === 'paused' ? writeRest(progress) : [];
  const waits = progress.waiting !== undefined;
  const parts = [
    [`${id}: ${state}`, ...rest].join(' · '),
    formatTable([
      ['', 'planned', 'done', 'made', 'unchanged', ...(waits ? ['waiting'] : []), 'failed'],
      ['windows', ...writeTally(progress, waits)],
      ['derived', ...writeTally(derived, waits)],
    ]),
  ];
  if (failures.length > 0) {
    const written = failures.slice(0, MAX_WRITTEN).map(({ partition, reason }) => [partition, reason]);
    const more = progress.failed + derived.failed - written.length;
    parts.push(
      formatTable([['failed', 'why'], ...written]) + (more > 0 ? `\nand ${more} more; --json shows a hundred.` : ''),
    );
  }
  return parts.join('\n\n');
}

/** For programs. */
export function describeProgress({ startedAt, ...progress }: BackfillProgress): object {
  return { ...progress, startedAt: new Date(startedAt).toISOString() };
}

/** `waits`: there is a column of windows that wait for documents. */
function writeTally(
  { total, done, made, unchanged, waiting = 0, failed }: BackfillTally,
  waits: boolean,
): readonly number[] {
  return [total, done, made, unchanged, ...(waits ? [waiting] : []), failed];
}

/** Throws a `RunFailedError` where a backfill that has ended did not make all that it was to make. */
export function assertWell(id: string, { state, failed, derived }: BackfillProgress): void {
  const failures = failed + derived.failed;
  if (state === 'cancelled') throw new RunFailedError(`${id} was cancelled. What it had made stays.`);
  if (state === 'failed') throw new RunFailedError(`${id} broke. What it had made stays; start another for the rest.`);
  if (failures > 0) {
    throw new RunFailedError(
      `${failures} of the windows of ${id} failed. When the reason is mended, start another with --only failed.`,
    );
  }
}
