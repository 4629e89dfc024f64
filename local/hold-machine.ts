import { waitUntilIdle } from './machine-use.ts';
import type { Machine } from './run-machine.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface HoldMachineOptions {
  readonly folder: string;
  /** Stops it when no command has used it for so long; absent: it runs until a signal comes. */
  readonly idleMs?: number;
  readonly report: (line: string) => void;
}

/** Lets the machine run until a signal or idleness ends it. The first signal stops it in order, a second at once. */
export async function holdMachine(machine: Machine, { folder, idleMs, report }: HoldMachineOptions): Promise<void> {
  const idle = new AbortController();
  const stopped = new Promise<void>((resolve, reject) => {
    let signals = 0;
    const onSignal = () => {
      signals += 1;
      if (signals === 1) {
        report('Stopping; once more to stop at once');
        machine.stop().then(resolve, reject);
      } else {
        machine.stopNow().then(resolve, reject);
      }
    };
    SIGNALS.forEach((signal) => process.on(signal, onSignal));
    idle.signal.addEventListener('abort', () => SIGNALS.forEach((signal) => process.off(signal, onSignal)));
    if (idleMs !== undefined) stopWhenIdle(machine, folder, idleMs, idle.signal).then(resolve, reject);
  });
  // It can also be stopped by whoever holds it.
  await Promise.race([stopped, machine.ended]).finally(() => idle.abort());
}

async function stopWhenIdle(machine: Machine, folder: string, idleMs: number, abort: AbortSignal): Promise<void> {
  do {
    const idle = await waitUntilIdle(folder, idleMs, abort).then(
      () => true,
      () => false,
    );
    // Called off: a signal stops the machine.
    if (!idle) await new Promise(() => undefined);
  } while (!(await machine.stopUnlessUsed()));
}
