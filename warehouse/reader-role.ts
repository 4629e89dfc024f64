import postgres from 'postgres';
import type { WarehouseOptions } from './open-warehouse.ts';

/** The role that can read the tables that tell of no person, and do nothing else. `grant-reading.ts` makes it. */
export const READER_ROLE = 'hourloom_reader';

/**
 * How the API comes into the warehouse. By an address of its own its user is what counts; by that of the owner each
 * session begins with the reader's role on, and goes back to it when it is reset.
 */
export function readerOptions({
  readUrl,
  databaseUrl,
}: {
  readonly readUrl: string | undefined;
  readonly databaseUrl: string;
}): Pick<WarehouseOptions, 'url' | 'settings'> {
  const settings = { default_transaction_read_only: 'on' };
  return readUrl === undefined
    ? { url: databaseUrl, settings: { ...settings, role: READER_ROLE } }
    : { url: readUrl, settings };
}

/** Unknown as a value of the setting `role`; no right to put it on. */
const ROLE_REFUSED: ReadonlySet<string> = new Set(['22023', '42501']);

/** What a person must do where a session could not begin with the reader's role; undefined for any other error. */
export function explainReaderRole(error: unknown): string | undefined {
  if (!(error instanceof postgres.PostgresError) || !ROLE_REFUSED.has(error.code)) return undefined;
  return (
    `the warehouse does not let its user read as ${READER_ROLE} (${error.message}). A worker makes that role when it ` +
    'starts, or says in its log who must. Or set HOURLOOM_READ_URL to an address whose user can only read'
  );
}
