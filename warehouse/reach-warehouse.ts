import postgres from 'postgres';
import { OutageError } from '../model/outage-error.ts';
import type { Sql, Warehouse } from './open-warehouse.ts';

/** The server does not answer, or ended the connection. Nothing is wrong with the request: trying again later helps. */
export class WarehouseUnreachableError extends OutageError {
  constructor(address: string, cause: unknown) {
    super(
      `The warehouse at ${address} cannot be reached, or it ended the connection (${codeOf(cause)}). ` +
        'Check that it runs and that DATABASE_URL is right.',
      { cause },
    );
    this.name = 'WarehouseUnreachableError';
  }
}

/** The server answers, but takes neither this user nor this database. A person must correct the address. */
export class WarehouseRefusedError extends Error {
  constructor(address: string, cause: Error) {
    super(
      `The warehouse at ${address} refused the connection: ${cause.message}. Correct the user, password or database in DATABASE_URL.`,
      { cause },
    );
    this.name = 'WarehouseRefusedError';
  }
}

/** Runs work on the warehouse and says in one sentence when it could not be reached; other errors pass as they are. */
export async function reachWarehouse<T>(warehouse: Warehouse, work: (sql: Sql) => Promise<T>): Promise<T> {
  try {
    return await work(warehouse.sql);
  } catch (error) {
    if (isConnectionLost(error)) throw new WarehouseUnreachableError(warehouse.address, error);
    if (error instanceof postgres.PostgresError && REFUSED.has(error.code))
      throw new WarehouseRefusedError(warehouse.address, error);
    throw error;
  }
}

/** Invalid authorization, wrong password, unknown database. */
const REFUSED: ReadonlySet<string> = new Set(['28000', '28P01', '3D000']);

/** Shut down by an administrator, crashed, starting up, too many connections; the class 08 but 08P01, a bad message. */
const SERVER_GONE: ReadonlySet<string> = new Set([
  ...['57P01', '57P02', '57P03', '53300'],
  ...['08000', '08001', '08003', '08004', '08006'],
]);

const SOCKET_GONE: ReadonlySet<string> = new Set([
  ...['CONNECTION_CLOSED', 'CONNECTION_DESTROYED', 'CONNECTION_ENDED', 'CONNECT_TIMEOUT'],
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN'],
]);

/** Whether the connection failed rather than the statement, so that nobody knows what became of the statement. */
export function isConnectionLost(error: unknown): boolean {
  const code = codeOf(error);
  if (error instanceof postgres.PostgresError) return SERVER_GONE.has(code);
  return SOCKET_GONE.has(code);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'no code';
}
