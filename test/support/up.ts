// What `hourloom up` does, with a worker that does nothing. Arguments: folder, idle time in ms (0: none).
import { holdMachine } from '../../local/hold-machine.ts';
import { MachineHeldError, startMachine } from '../../local/start-machine.ts';
import { IDLE_WORKER } from './idle-worker.ts';

const [folder = '', idleMs = '0'] = process.argv.slice(2);
const report = (line: string) => console.error(line);
try {
  const s3 = { endpoint: undefined, region: 'us-east-1', credentials: undefined };
  const given = { databaseUrl: undefined, temporalAddress: undefined, s3 };
  const worker = { ...IDLE_WORKER, env: process.env };
  const machine = await startMachine({ folder, given, worker, env: process.env, attended: idleMs === '0', report });
  await holdMachine(machine, { folder, report, ...(idleMs === '0' ? {} : { idleMs: Number(idleMs) }) });
} catch (error) {
  if (!(error instanceof MachineHeldError)) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 4;
  }
}
