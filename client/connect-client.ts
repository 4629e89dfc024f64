import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';

/** A client and the connection that must be closed after it. */
export interface ConnectedClient {
  readonly client: Client;
  readonly namespace: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Connects as Temporal's own environment variables and configuration file say; `address` goes before them.
 * Rejects when the server does not answer within five seconds.
 */
export async function connectClient(address: string | undefined): Promise<ConnectedClient> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await Connection.connect({
    ...connectionOptions,
    ...(address === undefined ? {} : { address }),
    connectTimeout: '5 seconds',
  });
  return {
    client: new Client({ connection, namespace }),
    namespace,
    [Symbol.asyncDispose]: () => connection.close(),
  };
}
