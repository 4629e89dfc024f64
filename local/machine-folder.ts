import { resolve, join } from 'node:path';

/** Where a machine keeps what it has, all under one folder, `.hourloom`. */
export interface MachineFolder {
  readonly path: string;
  /** What it is and where it answers: see `machine-file.ts`. */
  readonly file: string;
  /** Held by the one `up` that owns the processes. */
  readonly lock: string;
  /** A file for each command that uses the machine at this moment. */
  readonly uses: string;
  readonly logs: string;
  readonly postgres: string;
  readonly objects: string;
  readonly temporal: string;
}

/** Names a machine's places; nothing is made. */
export function machineFolder(folder: string): MachineFolder {
  const path = resolve(folder);
  return {
    path,
    file: join(path, 'machine.json'),
    lock: join(path, 'lock'),
    uses: join(path, 'uses'),
    logs: join(path, 'logs'),
    postgres: join(path, 'postgres'),
    objects: join(path, 'objects'),
    temporal: join(path, 'temporal'),
  };
}
