import type { CheckResult } from '../../model/check-result.ts';
import { TerminalError } from '../../model/terminal-error.ts';

/** Rows failed a check that must pass before they are seen. The same rows would fail it again. */
export class CheckFailedError extends TerminalError {
  /** What all blocking checks of the partition said. */
  readonly results: readonly CheckResult[];

  constructor(results: readonly CheckResult[]) {
    const failed = results.filter(({ passed }) => !passed);
    const said = failed.slice(0, MAX_SAID).map(({ asset, name, detail }) => `${name} of ${asset}: ${detail}`);
    const more = failed.length > MAX_SAID ? `; and ${failed.length - MAX_SAID} more` : '';
    super(
      `${failed.length === 1 ? 'A blocking check' : `${failed.length} blocking checks`} failed, so nothing was published ` +
        `and what was there stays (${said.join('; ')}${more}). Mend the data where it comes from, or the check, ` +
        'then run the partition again.',
    );
    this.name = 'CheckFailedError';
    this.results = results;
  }
}

const MAX_SAID = 10;
