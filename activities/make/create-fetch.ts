import { setTimeout as delay } from 'node:timers/promises';
import type { MakeCall } from '../../record/make-function.ts';
import { describeError } from './describe-error.ts';
import type { OpenPool } from './pools.ts';

export interface FetchOptions {
  readonly pool: OpenPool;
  readonly signal: AbortSignal;
  readonly log: MakeCall['log'];
}

const MAX_TRIES = 5;
const FIRST_WAIT_MS = 500;
/** A server that wants to rest for longer has its answer handed on. */
const MAX_WAIT_MS = 60_000;
const ANSWER_WITHIN_MS = 30_000;

/** Requests that change nothing, or not more when they come twice. */
const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/**
 * The `fetch` of one attempt: each request takes a turn of the pool, and is tried again where that is safe and helps.
 * Its last answer is handed on as it is; a request that was never answered throws.
 */
export function createFetch({ pool, signal, log }: FetchOptions): MakeCall['fetch'] {
  return async (input, init = {}) => {
    const { origin, pathname } = readAddress(input);
    // Without what follows the path: keys stand there.
    const what = `${(init.method ?? 'GET').toUpperCase()} ${origin}${pathname}`;
    for (let attempt = 1; ; attempt += 1) {
      await pool.take();
      const answer = await request(input, init, signal);
      const waitMs = attempt === MAX_TRIES ? undefined : waitBefore(answer, attempt, init);
      if (waitMs === undefined) {
        if (answer instanceof Response) return answer;
        throw answer;
      }
      const why =
        answer instanceof Response ? `was answered ${answer.status}` : `was not answered (${describeError(answer)})`;
      log(`${what} ${why}; try ${attempt + 1} of ${MAX_TRIES} in ${Math.round(waitMs)} ms`);
      if (answer instanceof Response) {
        if (answer.status === 429 && answer.headers.has('retry-after')) await pool.rest(waitMs);
        // Unread, it would hold its connection.
        await answer.body?.cancel().catch(() => undefined);
      }
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
      signal.throwIfAborted();
    }
  };
}

async function request(input: string | URL, init: RequestInit, signal: AbortSignal): Promise<Response | Error> {
  const silence = new AbortController();
  const timer = setTimeout(
    () => silence.abort(new Error(`no answer within ${ANSWER_WITHIN_MS / 1_000} s`)),
    ANSWER_WITHIN_MS,
  );
  const signals = [signal, silence.signal, ...(init.signal ? [init.signal] : [])];
  try {
    return await fetch(input, { ...init, signal: AbortSignal.any(signals) });
  } catch (error) {
    // Who stopped it must hear so at once, and a request that cannot be written will never be.
    if (signal.aborted || init.signal?.aborted === true || !(error instanceof Error)) throw error;
    return error;
  } finally {
    clearTimeout(timer);
  }
}

/** How long to wait before the next try; undefined where there is none. */
function waitBefore(
  answer: Response | Error,
  attempt: number,
  { method = 'GET', body }: RequestInit,
): number | undefined {
  if (body !== undefined && body !== null && typeof body !== 'string') return undefined;
  const isRefused = answer instanceof Response && answer.status === 429;
  if (!isRefused && !REPEATABLE.has(method.toUpperCase())) return undefined;
  const waitMs = FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
  if (!(answer instanceof Response)) return waitMs;
  if (answer.status !== 429 && answer.status < 500) return undefined;
  const asked = readRetryAfter(answer.headers.get('retry-after'), Date.now());
  if (asked === undefined) return waitMs;
  return asked > MAX_WAIT_MS ? undefined : Math.max(asked, waitMs / 10);
}

/** Seconds, or a date, as milliseconds from now; undefined where it is neither. */
export function readRetryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  if (/^\d+$/u.test(value.trim())) return Number(value) * 1_000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

function readAddress(input: string | URL): URL {
  const text = String(input);
  if (URL.canParse(text)) return new URL(text);
  throw new TypeError(`${JSON.stringify(text)} is no address. Write it whole: https://weather.example/stations.`);
}
