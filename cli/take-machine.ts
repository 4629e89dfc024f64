import { setTimeout as delay } from 'node:timers/promises';
import { findMachine } from '../local/find-machine.ts';
import type { MachineAddresses } from '../local/machine-file.ts';
import type { Machine } from '../local/run-machine.ts';
import { MachineHeldError, startMachine } from '../local/start-machine.ts';
import type { StartMachineOptions } from '../local/start-machine.ts';
import { stopMachine } from '../local/stop-machine.ts';

/** A machine that somebody else's `up` holds. */
export interface RunningMachine {
  readonly state: 'running';
  readonly addresses: MachineAddresses;
  readonly pid: number;
}

/** The machine that this process now holds, or the one that runs already. */
export type TakenMachine = { readonly state: 'started'; readonly machine: Machine } | RunningMachine;

const LOOK_EVERY_MS = 100;

/**
 * Starts the machine. One that a command has left running in the background gives way to a person's; one that another
 * person's `up` holds is told of, once it is ready.
 */
export async function takeMachine(options: StartMachineOptions): Promise<TakenMachine> {
  for (;;) {
    try {
      return { state: 'started', machine: await startMachine(options) };
    } catch (error) {
      if (!(error instanceof MachineHeldError)) throw error;
    }
    const found = await findMachine(options.folder);
    if (found.state === 'ready' && (found.attended || !options.attended)) {
      return { state: 'running', addresses: found.addresses, pid: found.owner.pid };
    }
    if (found.state === 'ready') {
      options.report('Stopping the machine that a command had started in the background, to start it anew');
      await stopMachine(options.folder);
    }
    // Starting, or stopping: bounded by its own time limits, after which its lock is free.
    await delay(LOOK_EVERY_MS);
  }
}
