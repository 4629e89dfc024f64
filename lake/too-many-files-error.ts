import { TerminalError } from '../model/terminal-error.ts';

/** A window has more whole files than can be read together. */
export class TooManyFilesError extends TerminalError {
  constructor(files: number, most: number) {
    super(
      `The window has ${files} files, and a statement reads at most ${most} together. Use shorter windows or larger files.`,
    );
    this.name = 'TooManyFilesError';
  }
}
