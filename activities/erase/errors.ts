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

/** Parquet of a table that is declared no more: nobody makes its windows anew. */
export class UndeclaredCopyError extends TerminalError {
  constructor(key: string) {
    super(
      `"${key}" tells of the person, and its table is declared no more. Delete its folder in the lake, and the table in the warehouse; then go on with: hourloom erase resume <request>`,
    );
    this.name = 'UndeclaredCopyError';
  }
}

/** A derived asset holds something of the person that does not come from what it reads, or it could not be computed. */
export class DerivedStillHoldsError extends TerminalError {
  constructor(asset: string, start: number) {
    super(
      `${asset} still holds something of the person after it was to be computed anew, first in the partition of ${new Date(start).toISOString()}. See why with "hourloom why ${asset}"; change what it is computed from, or wipe the partition. Then go on with: hourloom erase resume <request>`,
    );
    this.name = 'DerivedStillHoldsError';
  }
}
