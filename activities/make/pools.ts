import { setTimeout as delay } from 'node:timers/promises';
import type { PoolLimit } from '../../model/pipeline-spec.ts';
import type { Pool } from '../../record/make-function.ts';
import { untilAborted } from './draw-records.ts';

/** A pool as one attempt uses it. */
export interface OpenPool extends Pool {
  /** Nobody gets a turn for so long: the foreign system asked for it. */
  readonly rest: (ms: number) => void;
}

/** The pools of one worker process. */
export interface Pools {
  open(limit: PoolLimit | undefined, signal: AbortSignal): OpenPool;
}

/** Turns are even, never a burst, in the order in which they were asked for, and shared by all of the process. */
export function createPools(): Pools {
  const paces = new Map<string, Pace>();
  return {
    open(limit, signal) {
      if (!limit) return { take: async () => signal.throwIfAborted(), rest: () => undefined };
      const { pool, perSecond } = limit;
      const pace = paces.get(pool) ?? new Pace();
      paces.set(pool, pace);
      return { take: () => pace.take(1_000 / perSecond, signal), rest: (ms) => pace.rest(ms) };
    },
  };
}

class Pace {
  /** When the next turn is, by `performance.now()`. */
  #next = 0;
  /** Settles, always well, when the last of those who asked had its turn or went away. */
  #last: Promise<void> = Promise.resolve();

  async take(everyMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const turn = this.#last.then(() => this.#wait(everyMs, signal));
    this.#last = turn;
    await untilAborted(signal, turn);
    signal.throwIfAborted();
  }

  rest(ms: number): void {
    this.#next = Math.max(this.#next, performance.now() + ms);
  }

  /** Who went away takes no turn. A timer can be early by a millisecond, and a rest can come meanwhile. */
  async #wait(everyMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const waitMs = this.#next - performance.now();
      if (waitMs <= 0) {
        this.#next = performance.now() + everyMs;
        return;
      }
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
