import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** Longer than any statement may take: a connection that is silent for so long has lost its server. */
const SILENT_MS = 16 * 60_000;

/**
 * A socket that sends small packets at once. Returned while it still connects: the library must be listening when it
 * fails, or the connection's place in the pool is lost for good.
 */
export function connectWithoutDelay({
  host,
  port,
}: {
  readonly host: readonly string[];
  readonly port: readonly number[];
}): Socket {
  const socket = connect({ host: host[0] ?? 'localhost', port: port[0] ?? 5432, noDelay: true });
  return socket.setTimeout(SILENT_MS, () => {
    socket.destroy(
      Object.assign(new Error(`The warehouse has been silent for ${SILENT_MS / 60_000} minutes`), {
        code: 'ETIMEDOUT',
      }),
    );
  });
}
