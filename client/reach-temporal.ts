import { isGrpcServiceError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { OutageError } from '../model/outage-error.ts';
import { TerminalError } from '../model/terminal-error.ts';
import type { ConnectedClient } from './connect-client.ts';

/** Temporal does not answer. */
export class TemporalUnreachableError extends OutageError {
  constructor(address: string, options?: ErrorOptions) {
    super(`Temporal at ${address} does not answer. Check that it runs and that TEMPORAL_ADDRESS is right.`, options);
    this.name = 'TemporalUnreachableError';
  }
}

/** Temporal answers, but not to us, or not about this namespace. */
export class TemporalRefusedError extends TerminalError {
  constructor(address: string, why: string, options?: ErrorOptions) {
    super(
      `Temporal at ${address} refused us: ${why}. Correct TEMPORAL_NAMESPACE, the key or the certificates.`,
      options,
    );
    this.name = 'TemporalRefusedError';
  }
}

/** Asks Temporal and says in one sentence when it could not be reached; other errors pass as they are. */
export async function reachTemporal<T>(connected: ConnectedClient, work: (client: Client) => Promise<T>): Promise<T> {
  try {
    return await work(connected.client);
  } catch (error) {
    throw explainTemporalError(connected.address, error);
  }
}

/** As gRPC numbers them: deadline exceeded and unavailable; permission denied and unauthenticated. */
const UNREACHABLE: ReadonlySet<number> = new Set([4, 14]);
const REFUSED: ReadonlySet<number> = new Set([7, 16]);

/** What an error of Temporal's client means for the connection; one that is no matter of it comes back as it is. */
export function explainTemporalError(address: string, error: unknown): unknown {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof NamespaceNotFoundError) {
      return new TemporalRefusedError(address, `it has no namespace "${cause.namespace}"`, { cause: error });
    }
    if (!isGrpcServiceError(cause)) continue;
    if (UNREACHABLE.has(cause.code)) return new TemporalUnreachableError(address, { cause: error });
    if (REFUSED.has(cause.code)) return new TemporalRefusedError(address, cause.details, { cause: error });
  }
  return error;
}
