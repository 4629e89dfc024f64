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
  await Promise.race([
    once(server, 'listening'),
    once(server, 'error').then(([error]) => Promise.reject(error as Error)),
  ]);
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
