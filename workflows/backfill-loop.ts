import {
  CancellationScope,
  condition,
  isCancellation,
  log,
  proxyActivities,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { BackfillItem, BackfillProgress, BackfillRunState } from '../model/backfill.ts';
import type { Instant } from '../model/window.ts';
import { beginNextStage, describeProgress, forgetFailed, noteUnlisted, recordEnd } from './backfill-run.ts';
import type { BackfillRun, ItemEnd } from './backfill-run.ts';
import { makeItem } from './make-item.ts';

const { planPage, noteBackfill } = proxyActivities<Activities>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes', maximumAttempts: 60 },
});

const { listMade } = proxyActivities<Activities>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumAttempts: 5 },
});

/** A run that is open for so long is left to itself, and the others go on. */
const PATIENCE_MS = 6 * 3_600_000;
const LOOK_EVERY_MS = 10 * 60_000;

/** So many are written in one step, which must end within its time. */
const LISTS_AT_ONCE = 200;

/** Then nothing more is begun here; with what the open runs add, a history stays under 4,096 events. */
const MAX_EVENTS = 2_000;

/** Keeps as many runs open as a backfill's width says, until nothing is left of it or its history is long. */
export class BackfillLoop {
  readonly #id: string;
  readonly #run: BackfillRun;
  /** The runs that are open, by workflow id. */
  readonly #open = new Map<string, { readonly item: BackfillItem; readonly begunAt: Instant }>();
  readonly #children = new CancellationScope();
  #changes = 0;
  #noted: BackfillRunState;
  #ended: BackfillRunState | undefined;

  constructor(id: string, run: BackfillRun) {
    this.#id = id;
    this.#run = run;
    this.#noted = this.#state();
  }

  /** What people see of it. */
  describe(): BackfillProgress {
    return describeProgress(this.#run, this.#ended ?? this.#state(), this.#open.size);
  }

  /** Changes what it is to do, at once. When its end is being put on record, it is too late. */
  change(make: () => void): void {
    if (this.#ended) return;
    make();
    this.#changes += 1;
  }

  /** Asks its open runs to end; those of somebody else, that it only waits for, are left alone. */
  cancelOpen(): void {
    this.#children.cancel();
  }

  /** `long`: all that was begun has ended, and the rest is for a run with a new history. */
  async carryOut(): Promise<'over' | 'long'> {
    const watch = new CancellationScope();
    const watching = watch.run(() => this.#leaveOverdue());
    try {
      while (!this.#isOver()) {
        const seen = this.#changes;
        if (await this.#goOn()) continue;
        if (this.#isLong() && this.#open.size === 0) return 'long';
        await condition(() => this.#changes !== seen);
      }
      return 'over';
    } finally {
      watch.cancel();
      await watching;
    }
  }

  /** Waits for the end of what was cancelled, and puts the end of the backfill on record. */
  async close(state: BackfillRunState): Promise<BackfillProgress> {
    if (state === 'cancelled') await condition(() => this.#open.size === 0, '1 minute');
    this.#ended = state;
    while (this.#run.unlisted?.length) await this.#listMade();
    const progress = this.describe();
    await noteBackfill({ id: this.#id, progress });
    return progress;
  }

  #state(): BackfillRunState {
    if (this.#run.cancelled) return 'cancelled';
    return this.#run.paused ? 'paused' : 'running';
  }

  #isLong(): boolean {
    return workflowInfo().historyLength >= (this.#run.bounds?.maxEvents ?? MAX_EVENTS);
  }

  #isOver(): boolean {
    const { cancelled, queue, offset, stage, stages, retryRest } = this.#run;
    if (cancelled) return true;
    return this.#open.size === 0 && queue.length === 0 && offset === undefined && stage === stages && !retryRest;
  }

  /** Does the next thing there is to do; false where there is only to wait. */
  async #goOn(): Promise<boolean> {
    const run = this.#run;
    if (this.#state() !== this.#noted) {
      this.#noted = this.#state();
      await noteBackfill({ id: this.#id, progress: this.describe() });
      return true;
    }
    if (run.paused || this.#isLong()) return false;
    const next = this.#open.size < run.width ? run.queue.shift() : undefined;
    if (next) {
      this.#begin(next);
      return true;
    }
    if (run.queue.length > 0) return false;
    if (run.offset !== undefined) {
      await this.#listMade();
      await this.#takePage(run.offset);
      return true;
    }
    // A wave reads what the one before it made: all of that has to be there.
    return this.#open.size === 0 && beginNextStage(run);
  }

  /**
   * Tells readers of the lake what is current now on days that runs of this backfill were made of: once for a page of them,
   * where each run would write the list of its day. What was published stays good when that fails.
   */
  async #listMade(): Promise<void> {
    const run = this.#run;
    const starts = run.unlisted?.splice(0, LISTS_AT_ONCE) ?? [];
    if (starts.length === 0) return;
    try {
      await listMade({ id: this.#id, starts });
    } catch (error) {
      if (isCancellation(error)) {
        run.unlisted?.push(...starts);
        throw error;
      }
      log.warn('The lists of the current Parquet were not written; the next window of their days will.', {
        starts,
        error,
      });
    }
  }

  async #takePage(offset: number): Promise<void> {
    const run = this.#run;
    const { stage, onlyFailed } = run;
    const { items, nextOffset } = await planPage({ id: this.#id, stage, offset, onlyFailed });
    if (onlyFailed) forgetFailed(run, items);
    run.queue.push(...items);
    run.offset = nextOffset;
    await noteBackfill({ id: this.#id, progress: this.describe() });
  }

  #begin(item: BackfillItem): void {
    this.#open.set(item.workflowId, { item, begunAt: Date.now() });
    const end = this.#children.run(() => makeItem(item));
    void end.then(
      (ended) => this.#end(item, ended),
      (error: unknown) => this.#end(item, { outcome: 'failed', reason: String(error) }),
    );
  }

  #end(item: BackfillItem, end: ItemEnd): void {
    if (end.outcome === 'made' || end.outcome === 'failed') noteUnlisted(this.#run, item);
    // One that was left to itself has been counted.
    if (!this.#open.delete(item.workflowId)) return;
    const isCancelled = this.#run.cancelled && end.outcome === 'failed';
    this.change(() => {
      if (!isCancelled) recordEnd(this.#run, item, end, Date.now());
    });
  }

  /** Frees the places of runs that never end: they are counted as failed and go on by themselves. */
  async #leaveOverdue(): Promise<void> {
    const patienceMs = this.#run.bounds?.patienceMs ?? PATIENCE_MS;
    const reason = `Still open after ${formatDuration(patienceMs)}. It goes on by itself; look at its run.`;
    try {
      for (;;) {
        await sleep(Math.min(LOOK_EVERY_MS, patienceMs));
        for (const { item, begunAt } of [...this.#open.values()]) {
          if (Date.now() - begunAt >= patienceMs) this.#end(item, { outcome: 'failed', reason });
        }
      }
    } catch (error) {
      if (!isCancellation(error)) throw error;
    }
  }
}

function formatDuration(ms: number): string {
  return ms % 3_600_000 === 0 ? `${ms / 3_600_000} hours` : `${ms / 1_000} seconds`;
}
