import { setMaxListeners } from 'node:events';

/** A way to give up work of ours that also ends when the caller's own signal does. */
export interface LinkedAbort {
  readonly signal: AbortSignal;
  readonly giveUp: () => void;
}

/** Many requests at once listen to one such signal, so Node's warning about many listeners is turned off for it. */
export function linkAbort(caller: AbortSignal | undefined): LinkedAbort {
  const own = new AbortController();
  const signal = caller === undefined ? own.signal : AbortSignal.any([caller, own.signal]);
  setMaxListeners(0, signal);
  return { signal, giveUp: () => own.abort() };
}
