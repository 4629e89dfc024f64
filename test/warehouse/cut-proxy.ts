import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface CutProxy {
  readonly url: string;
  /** How many connections were cut. */
  cuts(): number;
  close(): Promise<void>;
}

/** What a client sends to commit, and nothing else that it sends. */
const COMMIT = Buffer.from('commit\0');

/**
 * Stands between a client and Postgres, and cuts the first connection on which a transaction is committed: either the
 * server's answer to it is lost, or the request never arrives. Every later connection is left alone.
 */
export async function startCutProxy(databaseUrl: string, lost: 'answer' | 'request'): Promise<CutProxy> {
  const target = new URL(databaseUrl);
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = connect({ host: target.hostname, port: Number(target.port) });
    let committing = false;
    client.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
    upstream.on('error', () => client.destroy()).on('close', () => client.destroy());
    client.on('data', (bytes) => {
      committing ||= cuts === 0 && bytes.includes(COMMIT);
      if (committing && lost === 'request') {
        cuts += 1;
        committing = false;
        client.destroy();
        return;
      }
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (!committing) {
        client.write(bytes);
        return;
      }
      // The server has answered: the commit stands.
      cuts += 1;
      committing = false;
      client.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    cuts: () => cuts,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
