import type { AssetKey } from '../../model/asset-key.ts';
import { TerminalError } from '../../model/terminal-error.ts';

/** The suppression list was made with a key that this worker does not have: it cannot tell who must stay unknown. */
export class ErasureKeyMissingError extends TerminalError {
  constructor(keyId: string) {
    super(
      `Persons were erased by the key "${keyId}", which this worker does not have. Set HOURLOOM_ERASURE_KEY, or HOURLOOM_ERASURE_KEY_OLD while keys are changed, to ${keyId}:<secret>.`,
    );
    this.name = 'ErasureKeyMissingError';
  }
}

/** A window asks for erasures, and this worker has no key by which they could be put on record. */
export class ErasureKeyUnsetError extends TerminalError {
  constructor(asset: AssetKey) {
    super(
      `Records of ${asset} ask for erasures, which this worker has no key for. Set HOURLOOM_ERASURE_KEY to <id>:<secret> for the workers; reconcile then makes the window.`,
    );
    this.name = 'ErasureKeyUnsetError';
  }
}

/** The run names a request for erasure that is not on record. */
export class UnknownErasureError extends TerminalError {
  constructor(id: string) {
    super(`There is no request for erasure "${id}". List them with: hourloom erase list`);
    this.name = 'UnknownErasureError';
  }
}
