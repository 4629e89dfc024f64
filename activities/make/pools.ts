import { setTimeout as delay } from 'node:timers/promises';
import type { PoolLimit } from '../../model/pipeline-spec.ts';
import type { Pool } from '../../record/make-function.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { reserveTurns, restPool } from '../../warehouse/reserve-turns.ts';
import { untilAborted } from './draw-records.ts';

/** A pool as one attempt uses it. */
export interface OpenPool extends Pool {
  /** Nobody gets a turn for so long: the foreign system asked for it. */
  readonly rest: (ms: number) => Promise<void>;
}

/** The pools as one worker process uses them. */
export interface Pools {
  open(limit: PoolLimit | undefined, signal: AbortSignal): OpenPool;
}

/** Turns that follow within this time are reserved together: one by one, the warehouse would be the limit. */
const RESERVED_MS = 20;
/** A busy process wakes late for its turn, and takes it all the same; one that is older is let go. */
const STALE_MS = 100;

/**
 * Turns are even, never a burst, in the order in which they were asked for within the process, and shared by all workers
 * of the warehouse. Between two workers they may shift by the milliseconds that a statement and a timer take.
 */
export function createPools(warehouse: Warehouse): Pools {
  const paces = new Map<string, Pace>();
  return {
    open(limit, signal) {
      if (!limit) return { take: async () => signal.throwIfAborted(), rest: async () => undefined };
      const pace = paces.get(limit.pool) ?? new Pace(warehouse, limit);
      paces.set(limit.pool, pace);
      return { take: () => pace.take(signal), rest: (ms) => pace.rest(ms) };
    },
  };
}

class Pace {
  readonly #warehouse: Warehouse;
  readonly #pool: string;
  readonly #everyMs: number;
  /** Reserved turns that are to come, by `performance.now()`. */
  #turns: number[] = [];
  /** None before this. */
  #notBefore = 0;
  /** Settles, always well, when the last of those who asked had its turn or went away. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(warehouse: Warehouse, { pool, perSecond }: PoolLimit) {
    this.#warehouse = warehouse;
    this.#pool = pool;
    this.#everyMs = 1_000 / perSecond;
  }

  async take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const turn = this.#last.then(() => this.#wait(signal));
    this.#last = turn.catch(() => undefined);
    await untilAborted(signal, turn);
    signal.throwIfAborted();
  }

  async rest(ms: number): Promise<void> {
    this.#notBefore = Math.max(this.#notBefore, performance.now() + ms);
    await restPool(this.#warehouse, this.#pool, ms);
  }

  /** Who went away takes no turn. A timer can be early by a millisecond, and a rest can come meanwhile. */
  async #wait(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const turn = this.#turns[0] ?? (await this.#reserve());
      const waitMs = Math.max(turn, this.#notBefore) - performance.now();
      // One that nobody took in its time has been somebody else's since.
      if (waitMs < -Math.max(this.#everyMs, STALE_MS)) this.#turns.shift();
      else if (waitMs <= 0) {
        this.#turns.shift();
        this.#notBefore = performance.now() + this.#everyMs;
        return;
      } else await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #reserve(): Promise<number> {
    const count = Math.max(1, Math.floor(RESERVED_MS / this.#everyMs));
    const waitMs = await reserveTurns(this.#warehouse, { pool: this.#pool, everyMs: this.#everyMs, count });
    const first = performance.now() + Math.max(0, waitMs);
    this.#turns = Array.from({ length: count }, (_, index) => first + index * this.#everyMs);
    return first;
  }
}
