import type { MetaValue } from '../model/attempt-note.ts';
import type { Window } from '../model/window.ts';

export type { MetaValue } from '../model/attempt-note.ts';

/** The rate at which a foreign system may be asked, shared by all that name it. */
export interface Pool {
  /** Resolves when it is this caller's turn. Rejects when the attempt's time is over. */
  readonly take: () => Promise<void>;
}

/** What a `make` is given for one window. All of it ends with the attempt: what comes later has no effect. */
export interface MakeCall {
  /** The window to make, its end excluded, in milliseconds since 1970. */
  readonly window: Window;
  /** The value of `HOURLOOM_SECRET_<name>` in the worker's environment. It never shows in logs, notes and errors. */
  readonly secret: (name: string) => string;
  /** Aborted when the attempt's time is over, its run is cancelled, or the worker stops. */
  readonly signal: AbortSignal;
  /** Writes a line into the attempt's log, with values that belong to it. */
  readonly log: (text: string, fields?: Readonly<Record<string, unknown>>) => void;
  /** Notes values about the window: single ones, at most 100 of them and 4 KB together. The last of a name stands. */
  readonly meta: (values: Readonly<Record<string, MetaValue>>) => void;
  /**
   * The `fetch` that everybody knows, in the turns of the asset's pool. It tries again, a few times and with growing
   * waits, where the server says 429 or 5xx or does not answer, and waits for as long as `Retry-After` says.
   */
  readonly fetch: (input: string | URL, init?: RequestInit) => Promise<Response>;
  /** The asset's pool, for what is no HTTP. Without a `limit` there is nothing to wait for. */
  readonly pool: Pool;
}

/** Yields the records of one window, each as JSON can carry it. The contract looks at them afterwards. */
export type MakeFunction = (call: MakeCall) => AsyncIterable<unknown>;
