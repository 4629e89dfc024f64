import { setTimeout as delay } from 'node:timers/promises';
import { describeExit } from './spawn-service.ts';
import type { Service } from './spawn-service.ts';

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 10_000;
/** A service that ran this long was well; its next end is a new story, with the first delay again. */
const WELL_AFTER_MS = 30_000;

/** A service that is started again whenever it ends, until it is stopped. */
export interface Supervised {
  readonly name: string;
  /** The process now, or the one that ended last. */
  pid(): number;
  stop(options?: { readonly forceMs?: number }): Promise<void>;
  kill(): Promise<void>;
}

export interface SuperviseOptions {
  readonly name: string;
  /** The running service. */
  readonly service: Service;
  /** Starts it again, at the same address. */
  readonly restart: (abort: AbortSignal) => Promise<Service>;
  /** Takes one line for each end and each new start. */
  readonly report: (line: string) => void;
  /** After each new start. */
  readonly restarted: () => void;
}

/**
 * Starts a service again when it ends by itself: at once the first time, then later and later, at most every 10 s. It
 * never gives up: what is missing may come back (a disk with room, definitions that load).
 */
export function supervise({ name, service, restart, report, restarted }: SuperviseOptions): Supervised {
  const abort = new AbortController();
  let current = service;

  const watch = async () => {
    let failures = 0;
    while (!abort.signal.aborted) {
      const startedAt = Date.now();
      const exit = await current.exited;
      if (abort.signal.aborted) return;
      report(`${name} ${describeExit(exit)}; starting it again`);
      failures = Date.now() - startedAt > WELL_AFTER_MS ? 0 : failures;
      for (let started = false; !started && !abort.signal.aborted; failures++) {
        await delay(Math.min(FIRST_DELAY_MS * 2 ** failures, MAX_DELAY_MS), undefined, { signal: abort.signal }).catch(
          () => undefined,
        );
        if (abort.signal.aborted) return;
        started = await restart(abort.signal).then(
          (again) => {
            current = again;
            return true;
          },
          (error: unknown) => {
            report(error instanceof Error ? error.message : String(error));
            return false;
          },
        );
      }
      if (abort.signal.aborted) return;
      report(`${name} runs again`);
      restarted();
    }
  };
  const watching = watch();

  return {
    name,
    pid: () => current.pid,
    async stop(options) {
      abort.abort();
      // A start under way ends first, so that nothing comes up behind our back.
      await Promise.all([current.stop(options), watching]);
      await current.stop(options);
    },
    async kill() {
      abort.abort();
      await Promise.all([current.kill(), watching]);
      await current.kill();
    },
  };
}
