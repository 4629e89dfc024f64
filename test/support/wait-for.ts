import { setTimeout as delay } from 'node:timers/promises';

/** Waits until `fact` gives something other than undefined, null or false, and returns it. */
export async function waitFor<T>(
  what: string,
  fact: () => T | Promise<T>,
  withinMs = 15_000,
): Promise<Exclude<T, undefined | null | false>> {
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; await delay(20)) {
    const found = await fact();
    if (found !== undefined && found !== null && found !== false) {
      return found as Exclude<T, undefined | null | false>;
    }
  }
  throw new Error(`Waited ${withinMs} ms in vain: ${what}`);
}
