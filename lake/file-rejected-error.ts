import type { FileReason } from '../model/file-reason.ts';

const MAX_DETAIL_LENGTH = 500;

/** A file cannot be read in its pipeline's format. `openFileReader` turns it into a verdict; nobody else sees it. */
export class FileRejectedError extends Error {
  readonly reason: FileReason;
  /** What is wrong with the file, for a person. Bounded, and never much of the file. */
  readonly detail: string;

  constructor(reason: FileReason, detail: string, options?: ErrorOptions) {
    super(`A file was rejected: ${detail}`, options);
    this.name = 'FileRejectedError';
    this.reason = reason;
    this.detail = detail.slice(0, MAX_DETAIL_LENGTH);
  }
}
