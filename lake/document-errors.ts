import { OutageError } from '../model/outage-error.ts';
import { TerminalError } from '../model/terminal-error.ts';

/** A server will not let us read its documents; no later attempt gets another answer. */
export class DocumentsRefusedError extends TerminalError {
  constructor(address: string, why: string) {
    super(`${address} cannot be read (${why}). Check the pipeline's address and its base.`);
    this.name = 'DocumentsRefusedError';
  }
}

/** A pipeline reads documents, and nothing says where they are. */
export class NoBaseError extends TerminalError {
  constructor(pattern: string) {
    super(
      `The documents "${pattern}" have no base. Give httpFiles() one, or set HOURLOOM_SOURCE_<PIPELINE> to where they are.`,
    );
    this.name = 'NoBaseError';
  }
}

/** A longer wait that a server asks for is left to the step's own tries. */
const MAX_RETRY_AFTER_MS = 10_000;

/** A server of documents does not answer, or not now. Worth another try. */
export class DocumentsUnreachableError extends OutageError {
  /** How long it asked us to wait; 0 where it did not. */
  readonly retryAfterMs: number;

  constructor(address: string, why: string, options: ErrorOptions & { readonly retryAfterMs?: number } = {}) {
    super(
      `${address} does not answer as it should: ${why}. Check that its server runs and that the address is right.`,
      {
        cause: options.cause,
      },
    );
    this.name = 'DocumentsUnreachableError';
    this.retryAfterMs = Math.min(options.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS);
  }
}
