import { ConfigurationError, UnreachableError } from '../config/errors.ts';
import { OutageError } from '../model/outage-error.ts';
import { TerminalError } from '../model/terminal-error.ts';
import { RunFailedError, UsageError } from './errors.ts';

/** 0 ok · 1 run failed · 2 usage · 3 configuration · 4 something unreachable. Part of the command line's promise. */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** Postgres refuses the name, the password or the database: SQLSTATE class 28 and 3D000. */
const REFUSED_SQLSTATE = /^(?:28\d{3}|3D000)$/u;

/**
 * What the shell is told about an error, found by type and code along its causes, never by its text. Outside a run, a
 * terminal error is about what a person set: a bucket's name, a key, a warehouse of another version.
 */
export function exitCodeOf(error: unknown): ExitCode {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof RunFailedError) return 1;
    if (cause instanceof UsageError) return 2;
    if (cause instanceof ConfigurationError || cause instanceof TerminalError || isFileError(cause)) return 3;
    if (REFUSED_SQLSTATE.test(String((cause as { code?: unknown }).code))) return 3;
    if (cause instanceof UnreachableError || cause instanceof OutageError) return 4;
  }
  return 1;
}

/** A file or folder that cannot be used; `code` is the system's word for why. */
export interface FileError extends Error {
  readonly code: string;
  readonly path: string;
}

/** Tells what Node says about files from what it says about connections: those have no path. */
export function isFileError(error: Error): error is FileError {
  const { code, path } = error as Partial<FileError>;
  return typeof code === 'string' && /^E[A-Z0-9]+$/u.test(code) && typeof path === 'string';
}
