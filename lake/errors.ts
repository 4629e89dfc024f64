import { OutageError } from '../model/outage-error.ts';
import { TerminalError } from '../model/terminal-error.ts';

/** The source's bucket does not exist. */
export class SourceMissingError extends TerminalError {
  readonly bucket: string;

  constructor(bucket: string, at: string, options?: ErrorOptions) {
    super(`There is no source bucket "${bucket}" at ${at}. Create it, or correct the bucket's name.`, options);
    this.name = 'SourceMissingError';
    this.bucket = bucket;
  }
}

/** The source's bucket is not ours to read. */
export class SourceRefusedError extends TerminalError {
  readonly bucket: string;

  constructor(bucket: string, why: string, options?: ErrorOptions) {
    super(
      `Source bucket "${bucket}" refused our request (${why}). Check the credentials and the region, and that they may list and read it.`,
      options,
    );
    this.name = 'SourceRefusedError';
    this.bucket = bucket;
  }
}

/** A source object is no longer what the listing showed. Not terminal: list the window again. */
export class SourceChangedError extends Error {
  readonly key: string;

  constructor(key: string, why: string) {
    super(`Source object ${JSON.stringify(key)} is not what was listed (${why}). List the window again.`);
    this.name = 'SourceChangedError';
    this.key = key;
  }
}

/** How far a source is listed, and what to do where that is not far enough. */
export interface ListLimit {
  readonly objects: number;
  readonly remedy: string;
}

/** More objects stand under a source's prefix than may be listed or held. */
export class SourceTooLargeError extends TerminalError {
  constructor(bucket: string, prefix: string, { objects, remedy }: ListLimit) {
    super(`More than ${objects} objects stand under "${prefix}" in bucket "${bucket}". ${remedy}`);
    this.name = 'SourceTooLargeError';
  }
}

/** The lake's own bucket is missing, or not ours to use. */
export class LakeRefusedError extends TerminalError {
  constructor(bucket: string, why: string, options?: ErrorOptions) {
    super(
      `The lake's bucket "${bucket}" cannot be used (${why}). Check its name, the credentials and the region.`,
      options,
    );
    this.name = 'LakeRefusedError';
  }
}

/** An object of ours is not there, or not what was put. Only making it anew helps. */
export class StoredObjectLostError extends TerminalError {
  readonly key: string;

  constructor(key: string, why: string, options?: ErrorOptions) {
    super(`The lake's object "${key}" ${why}. Make its partition anew from the source: run it with --force.`, options);
    this.name = 'StoredObjectLostError';
    this.key = key;
  }
}

/** S3 did not answer, or not as S3 does. Worth another try. */
export class StorageUnreachableError extends OutageError {
  constructor(at: string, why: string, options?: ErrorOptions) {
    super(
      `S3 at ${at} does not answer as it should: ${why}. Check that it runs and that the address is right.`,
      options,
    );
    this.name = 'StorageUnreachableError';
  }
}
