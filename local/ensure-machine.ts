import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CONFIGURATION_EXIT_CODE, ConfigurationError, UnreachableError } from '../config/errors.ts';
import { findMachine } from './find-machine.ts';
import { openLogFile } from './log-file.ts';
import type { MachineAddresses } from './machine-file.ts';
import { machineFolder } from './machine-folder.ts';
import { registerUse } from './machine-use.ts';

/** Building the servers' programs is part of a first start. */
const READY_WITHIN_MS = 40 * 60_000;
const LOOK_EVERY_MS = 50;
const READ_BYTES = 65_536;
/** An `up` that fails is gone so soon after its last line. */
const HOLD_LINE_MS = 500;

export interface EnsureMachineOptions {
  readonly folder: string;
  /** The command that starts the machine, holds it until it is idle, and ends with 0 where another one runs already. */
  readonly up: { readonly command: string; readonly args: readonly string[]; readonly env: NodeJS.ProcessEnv };
  /** Takes one line for people about what takes long. */
  readonly report: (line: string) => void;
}

/** A machine that will not stop for idleness until it is released. */
export interface UsedMachine {
  readonly addresses: MachineAddresses;
  release(): Promise<void>;
}

/**
 * Finds the folder's machine, or starts one that lives on without us, and waits until it is ready. Several processes
 * at once share one: the first `up` takes the lock, and the others end.
 */
export async function ensureMachine(options: EnsureMachineOptions): Promise<UsedMachine> {
  // Noted first, looked second: see `stopUnlessUsed`.
  const use = await registerUse(options.folder);
  try {
    return { addresses: await waitForMachine(options), release: use.release };
  } catch (error) {
    await use.release();
    throw error;
  }
}

async function waitForMachine(options: EnsureMachineOptions): Promise<MachineAddresses> {
  const { folder, report } = options;
  let up: DetachedUp | undefined;
  const words = holdLastLine(report);
  for (const deadline = Date.now() + READY_WITHIN_MS; Date.now() < deadline; await delay(LOOK_EVERY_MS)) {
    // Asked before the machine is looked for: an `up` that ends between the two may have had a good reason.
    const code = up?.exitCode();
    words.hear((await up?.newLines()) ?? []);
    const machine = await findMachine(folder);
    if (machine.state === 'ready') {
      words.release();
      return machine.addresses;
    }
    if (machine.state !== 'none') continue;
    if (up === undefined) report('Nothing runs here yet: starting Temporal, Postgres and S3 in the background…');
    else if (code === undefined) continue;
    else if (code !== 0) throw failedUp(code, words.last());
    up = startDetached(options);
  }
  throw new UnreachableError(
    `The machine in ${folder} did not get ready. Run \`hourloom down\`, then \`hourloom up\`.`,
  );
}

/** Hands lines on, the last one a little later: that of an `up` which fails is its reason, and is said as such. */
function holdLastLine(report: (line: string) => void) {
  let held: { readonly line: string; readonly at: number } | undefined;
  const release = () => {
    if (held) report(held.line);
    held = undefined;
  };
  return {
    hear(lines: readonly string[]) {
      for (const line of lines) {
        release();
        held = { line, at: Date.now() };
      }
      if (held && Date.now() - held.at > HOLD_LINE_MS) release();
    },
    release,
    last: () => held?.line,
  };
}

/** An `up` on its own feet, and what it says. */
interface DetachedUp {
  /** Undefined while it runs. */
  exitCode(): number | undefined;
  newLines(): Promise<readonly string[]>;
}

function startDetached({ folder, up }: EnsureMachineOptions): DetachedUp {
  const { logs } = machineFolder(folder);
  const log = openLogFile(join(logs, 'up.log'));
  const child = spawn(up.command, up.args, { detached: true, stdio: ['ignore', log.fd, log.fd], env: up.env });
  log.close();
  child.unref();
  let code: number | undefined;
  child.once('error', () => (code = 127));
  child.once('exit', (exitCode) => (code = exitCode ?? 1));

  let offset = log.bytes;
  return {
    exitCode: () => code,
    async newLines() {
      const file = await open(log.path);
      try {
        const { buffer, bytesRead } = await file.read({ position: offset, buffer: Buffer.alloc(READ_BYTES) });
        const whole = buffer.subarray(0, bytesRead).lastIndexOf('\n') + 1;
        offset += whole;
        return buffer
          .toString('utf8', 0, whole)
          .split('\n')
          .filter((line) => line !== '');
      } finally {
        await file.close();
      }
    },
  };
}

function failedUp(code: number, lastLine: string | undefined): Error {
  const message = `The machine could not be started: ${lastLine ?? `it ended with exit code ${code}`}`;
  return code === CONFIGURATION_EXIT_CODE ? new ConfigurationError(message) : new UnreachableError(message);
}
