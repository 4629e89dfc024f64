import postgres from 'postgres';
import type { PartitionRef } from '../model/partition.ts';
import { formatPartitionRef } from './format-partition-ref.ts';
import type { Queryable } from './open-warehouse.ts';

/** How long a session may take to end once it was told. Postgres needs milliseconds. */
const END_WITHIN_MS = 5_000;

const INSUFFICIENT_PRIVILEGE = '42501';

/** What a session is called while it loads a partition. Postgres keeps 63 bytes. */
export function loadSessionName(partition: PartitionRef): string {
  return `hourloom load ${formatPartitionRef(partition)}`.slice(0, 63);
}

/**
 * Ends the session of the load that last began on this partition, if it is still at it: a stopped process keeps what
 * its transaction has locked past every timeout of the server.
 *
 * The recorded pid and start time name the session; what it calls itself says that it loads this partition now, for a
 * session outlives its load and may have gone on to another. One statement, and outside a transaction wherever the
 * stopped process may hold the lock that the transaction would wait for.
 */
export async function terminateLoad(sql: Queryable, partition: PartitionRef): Promise<void> {
  const sessions = await findAndTerminate(sql, partition).catch((error: unknown) => {
    if (!(error instanceof postgres.PostgresError && error.code === INSUFFICIENT_PRIVILEGE)) throw error;
    throw new Error(
      `An earlier attempt at ${formatPartitionRef(partition)} is still loading, and this database role may not end its ` +
        'session. Let all workers use one role, or grant this one pg_signal_backend; then run the partition again.',
      { cause: error },
    );
  });
  const stuck = sessions.find(({ ended }) => !ended);
  if (!stuck) return;
  throw new Error(
    `The session of an earlier attempt at ${formatPartitionRef(partition)} (pid ${stuck.pid}) did not end within ` +
      `${END_WITHIN_MS / 1000} s of being told. Run the partition again; if it stays, end it on the server.`,
  );
}

/** The start time of another role's session is hidden; ending such a session is refused by the server, with its reason. */
async function findAndTerminate(sql: Queryable, { pipeline, start }: PartitionRef): Promise<readonly EndedSession[]> {
  return sql<EndedSession[]>`
    select
      session.pid,
      pg_terminate_backend(session.pid, ${END_WITHIN_MS}) as ended
    from hourloom.fence
    join pg_stat_activity as session
      on session.pid = fence.backend_pid
      and coalesce(session.backend_start, fence.backend_start) = fence.backend_start
    where fence.pipeline = ${pipeline}
      and fence.partition = ${new Date(start)}
      and fence.backend_pid <> pg_backend_pid()
      and session.application_name = ${loadSessionName({ pipeline, start })}
  `;
}

interface EndedSession {
  readonly pid: number;
  readonly ended: boolean;
}
