import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What psql says of its version; undefined where it is not on PATH. */
export async function findPsql(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const found = await promisify(execFile)('psql', ['--version'], { env: environment }).catch(() => undefined);
  return found?.stdout.trim();
}
