import type { FileReason } from '../model/file-reason.ts';

/** Some of a source file's bytes, in their order: at most about 1 MiB, cut anywhere. The bytes must not change later. */
export interface FileSegment {
  /** The source object's key. */
  readonly source: string;
  /** The number of the line that the segment begins in, counted from 1. */
  readonly line: number;
  /** Nothing more of this file comes. */
  readonly last: boolean;
  readonly bytes: Buffer;
}

/** A source file that could not be read as a file at all. */
export interface RejectedFile {
  readonly source: string;
  readonly rejected: FileReason;
  /** What is wrong with it, where the reason alone does not say it. */
  readonly detail?: string;
}

/** What a merged object consists of; the segments of one file come one after the other. */
export type Segment = FileSegment | RejectedFile;
