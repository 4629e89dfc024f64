import { TerminalError } from '../model/terminal-error.ts';

/** The statement that makes a window's records of its files cannot be run, whatever they hold. */
export class FilesQueryError extends TerminalError {
  constructor(why: string, options?: ErrorOptions) {
    super(
      `The statement over the window's files failed: ${why}. Correct it in the definition, or let it keep less in memory.`,
      options,
    );
    this.name = 'FilesQueryError';
  }
}
