import type { Worker } from '@temporalio/worker';

/** Several workers of one process that run and end as one. */
export interface RunningParts {
  /** Returns when all have ended; where one breaks, the others are ended too, and it rejects. */
  run(): Promise<void>;
  /** Begins a graceful end. */
  shutdown(): void;
}

/** Joins workers: nobody notices a process that takes only half of its work. */
export function joinWorkers(workers: readonly Worker[]): RunningParts {
  const shutdown = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  return {
    shutdown,
    async run() {
      const ends = workers.map((worker) =>
        worker.run().catch((error: unknown) => {
          shutdown();
          throw error;
        }),
      );
      const settled = await Promise.allSettled(ends);
      for (const end of settled) if (end.status === 'rejected') throw end.reason;
    },
  };
}
