import type { Instant } from './window.ts';

/** A value that a function notes about the window that it makes. */
export type MetaValue = string | number | boolean | null;

/** What a function noted, by name. */
export type Meta = Readonly<Record<string, MetaValue>>;

/** One line of an attempt's log. */
export interface LogLine {
  readonly at: Instant;
  readonly text: string;
  /** Values that belong to the line, as JSON has them. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** The lines of a run, and what it held when they were written. */
export interface RunLog {
  /** The fence of its latest attempt; undefined before it claimed one. */
  readonly fence: number | undefined;
  readonly lines: readonly LogLine[];
}

/** Whose words a note keeps: those of one attempt of a `make`, or those of a run about all its steps. */
export type NoteStep = 'make' | 'run';
