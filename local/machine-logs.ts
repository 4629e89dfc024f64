import { join } from 'node:path';
import { openLogFile } from './log-file.ts';
import type { LogFile } from './log-file.ts';
import type { MachineFolder } from './machine-folder.ts';
import type { ServiceName } from './machine-file.ts';
import type { ServiceLog } from './spawn-service.ts';

/** The logs of a running machine: one for each process, and `machine.log` for what the supervisor says. */
export interface MachineLogs {
  open(name: ServiceName): ServiceLog;
  /** Writes a line for people to `machine.log` and hands it on. */
  report(line: string): void;
  /** What comes after this is dropped. */
  close(): void;
}

/** Opens `machine.log`; `report` takes the same lines, as they are said. */
export function openMachineLogs({ logs }: MachineFolder, report: (line: string) => void): MachineLogs {
  const files: LogFile[] = [];
  const open = (name: string): LogFile => {
    const file = openLogFile(join(logs, `${name}.log`));
    files.push(file);
    return file;
  };
  const machine = open('machine');
  return {
    open: (name) => open(name).write,
    report(line) {
      machine.write(`${new Date().toISOString()} ${line}\n`);
      report(line);
    },
    close: () => files.forEach((file) => file.close()),
  };
}
