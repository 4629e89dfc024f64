import { ConfigurationError, UnreachableError } from '../config/errors.ts';
import { UsageError } from './errors.ts';

/** 0 ok · 1 run failed · 2 usage · 3 configuration · 4 something unreachable. Part of the command line's promise. */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** Codes by which Node and its clients say that nobody answers at an address. */
const UNREACHABLE_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
]);

/** Postgres refuses the name, the password or the database: SQLSTATE class 28 and 3D000. */
const REFUSED_SQLSTATE = /^(?:28\d{3}|3D000)$/u;

/** gRPC's numbers for "nobody answers" and "too late". */
const GRPC_UNREACHABLE = new Set<unknown>([14, 4]);

/** What the shell is told about an error, found by type and code along its causes, never by its text. */
export function exitCodeOf(error: unknown): ExitCode {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof UsageError) return 2;
    if (cause instanceof ConfigurationError) return 3;
    if (cause instanceof UnreachableError) return 4;
    const { code } = cause as { code?: unknown };
    if (typeof code === 'string' && REFUSED_SQLSTATE.test(code)) return 3;
    if ((typeof code === 'string' && UNREACHABLE_CODES.has(code)) || GRPC_UNREACHABLE.has(code)) return 4;
    if (cause instanceof AggregateError && cause.errors.length > 0) return exitCodeOf(cause.errors[0]);
  }
  return 1;
}
