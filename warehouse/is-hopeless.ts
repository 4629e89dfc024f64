import postgres from 'postgres';

/**
 * Classes of SQLSTATE that the same work over the same rows gives again: not supported, cardinality, bad data,
 * a constraint of the table, syntax and missing or forbidden objects.
 */
const HOPELESS: ReadonlySet<string> = new Set(['0A', '21', '22', '23', '42']);

/** Whether the server would refuse the same work over the same rows again. */
export function isHopeless(error: unknown): error is postgres.PostgresError {
  return error instanceof postgres.PostgresError && HOPELESS.has(error.code.slice(0, 2));
}
