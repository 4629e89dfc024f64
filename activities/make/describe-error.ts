import { show } from './attempt-log.ts';

/** What was thrown, in one line, with what it was caused by: `fetch failed: connect ECONNREFUSED 127.0.0.1:80`. */
export function describeError(thrown: unknown): string {
  if (!(thrown instanceof Error)) return show(thrown);
  const { message, name, cause } = thrown;
  const own = message === '' ? name : message;
  return cause instanceof Error && cause.message !== '' ? `${own}: ${cause.message}` : own;
}
