import { Client, Connection } from '@temporalio/client';
import type { ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { explainTemporalError, TemporalRefusedError, TemporalUnreachableError } from './reach-temporal.ts';

/** A client and the connection that must be closed after it. */
export interface ConnectedClient {
  readonly client: Client;
  /** The address for messages. */
  readonly address: string;
  readonly namespace: string;
  [Symbol.asyncDispose](): Promise<void>;
}

const CONNECT_TIMEOUT = '5 seconds';

/**
 * Connects as Temporal's own environment variables and configuration file say; `address` goes before them. Rejects
 * with a `TemporalUnreachableError` when nobody answers within five seconds, or with a `TemporalRefusedError`.
 */
export async function connectClient(address: string | undefined): Promise<ConnectedClient> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const at = address ?? connectionOptions.address ?? 'localhost:7233';
  const connection = await connect({ ...connectionOptions, address: at, connectTimeout: CONNECT_TIMEOUT });
  return {
    client: new Client({ connection, namespace }),
    address: at,
    namespace,
    [Symbol.asyncDispose]: () => connection.close(),
  };
}

async function connect(options: ConnectionOptions & { readonly address: string }): Promise<Connection> {
  try {
    return await Connection.connect(options);
  } catch (error) {
    const explained = explainTemporalError(options.address, error);
    // Its own deadline is an error without a code.
    throw explained instanceof TemporalRefusedError
      ? explained
      : new TemporalUnreachableError(options.address, { cause: error });
  }
}
