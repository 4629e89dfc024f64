import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve as serveNode } from '@hono/node-server';
import type { ServerType } from '@hono/node-server';
import { createApp } from './create-app.ts';
import type { AppDependencies } from './create-app.ts';

/** A server that answers. */
export interface WebServer {
  readonly address: string;
  /** Lets nobody in any more, and ends what is open. */
  close(): Promise<void>;
}

/** Serves the API on loopback. Rejects where the port is taken; 0 takes a free one. */
export async function serve(dependencies: AppDependencies, port: number): Promise<WebServer> {
  const server: ServerType = serveNode({ fetch: createApp(dependencies).fetch, hostname: '127.0.0.1', port });
  // Rejects where the server says `error` instead.
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw explainPort(error, port);
  });
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
    },
  };
}

function explainPort(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new Error(`port ${port} is taken; say another with --port, or 0 for a free one`);
  if (error.code === 'EACCES') return new Error(`port ${port} is not for you to use; say one above 1024 with --port`);
  return error;
}
