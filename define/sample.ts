import type { Window } from '../model/window.ts';

/** One file of a sample, as a foreign writer would have put it into the source bucket. */
export interface SampleFile<Body extends string | Uint8Array = string | Uint8Array> {
  readonly key: string;
  /** Text, or the bytes of a file that is none. */
  readonly body: Body;
}

/** Makes the files that a window's source would hold: the same ones each time it is asked. */
export type Sample = (window: Window) => readonly SampleFile[];
