import type { AssetKey } from '../../model/asset-key.ts';
import { TerminalError } from '../../model/terminal-error.ts';

/** The author's function failed. Not terminal: what it asks may answer at another time. */
export class MakeFailedError extends Error {
  constructor(asset: AssetKey, records: number, problem: string) {
    super(
      `The function of ${asset} failed after ${records} records: ${problem}. Nothing was published; its log says more. ` +
        'Correct it, or have it call giveUp(reason) where trying again cannot help.',
    );
    this.name = 'MakeFailedError';
  }
}

/** The author's function did not come to its end in time. */
export class MakeTimeoutError extends Error {
  constructor(asset: AssetKey, records: number, timeoutMs: number) {
    super(
      `The function of ${asset} did not end within ${timeoutMs / 1_000} s; it had yielded ${records} records. ` +
        'Nothing was published. Raise its timeout, have it do less, or see what it waits for.',
    );
    this.name = 'MakeTimeoutError';
  }
}

/** The author's function said itself that trying again cannot help. */
export class MakeGaveUpError extends TerminalError {
  constructor(asset: AssetKey, reason: string) {
    super(`The function of ${asset} gave up: ${reason}. Nothing was published. When that is mended, run the window.`);
    this.name = 'MakeGaveUpError';
  }
}

/** What the author's function is, or yields, can never be taken. */
export class MakeRefusedError extends TerminalError {
  constructor(asset: AssetKey, problem: string) {
    super(`The function of ${asset} ${problem}`);
    this.name = 'MakeRefusedError';
  }
}

/** A secret that the author's function asked for is not there. */
export class SecretMissingError extends TerminalError {
  constructor(asset: AssetKey, name: string) {
    super(
      `The function of ${asset} asks for the secret ${name}, which is not set. ` +
        `Set HOURLOOM_SECRET_${name} where the worker runs, and start it again.`,
    );
    this.name = 'SecretMissingError';
  }
}
