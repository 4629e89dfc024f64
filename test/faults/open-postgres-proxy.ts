import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A Postgres address that can lose an answer. */
export interface PostgresProxy {
  readonly databaseUrl: string;
  close(): void;
}

/**
 * Stands between a worker and Postgres. When a session that has copied rows commits, the commit is done and its answer
 * is kept back; `onCommitted` hears of it.
 */
export async function openPostgresProxy(databaseUrl: string, onCommitted: () => void): Promise<PostgresProxy> {
  const target = new URL(databaseUrl);
  const server = createServer((client) => {
    const upstream = connect({ host: target.hostname, port: Number(target.port) });
    let state: 'talking' | 'copied' | 'committing' | 'lost' = 'talking';
    client.on('data', (data) => {
      if (state === 'talking' && data.includes('copy ')) state = 'copied';
      // The last word only: `commit and chain` comes before the rows.
      if (state === 'copied' && data.includes('commit\0')) state = 'committing';
      upstream.write(data);
    });
    upstream.on('data', (data) => {
      if (state === 'committing' && data.includes('COMMIT\0')) {
        state = 'lost';
        onCommitted();
      }
      if (state !== 'lost') client.write(data);
    });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      socket.on('error', () => other.destroy());
      socket.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  return { databaseUrl: url.href, close: () => void server.close() };
}
