import { setMaxListeners } from 'node:events';
import type { AssetKey } from '../../model/asset-key.ts';
import type { CodeSourceSpec, PipelineSpec } from '../../model/pipeline-spec.ts';
import { TerminalError } from '../../model/terminal-error.ts';
import { windowOf } from '../../model/window.ts';
import type { Instant } from '../../model/window.ts';
import type { MakeCall, MakeFunction } from '../../record/make-function.ts';
import type { AttemptLog } from './attempt-log.ts';
import { createFetch } from './create-fetch.ts';
import { describeError } from './describe-error.ts';
import { drawRecords } from './draw-records.ts';
import { MakeFailedError, MakeGaveUpError, MakeRefusedError, MakeTimeoutError, SecretMissingError } from './errors.ts';
import type { Pools } from './pools.ts';
import { createRedact } from './redact.ts';

export interface RunFunctionOptions {
  readonly spec: PipelineSpec;
  readonly source: CodeSourceSpec;
  readonly fill: MakeFunction;
  readonly start: Instant;
  readonly secrets: ReadonlyMap<string, string>;
  readonly pools: Pools;
  readonly log: AttemptLog;
  /** Aborted when nobody waits for the records any more. */
  readonly signal: AbortSignal;
}

const MAX_RECORDS = 10_000_000;
const MAX_BYTES = 4 * 1024 ** 3;
/** Some servers answer with a page, and some functions throw it. */
const MAX_PROBLEM_LENGTH = 1_500;

/** One call of the author's function; its time runs from the beginning. Dispose of it, and all that it was given ends. */
export class FunctionRun implements Disposable {
  /** Also aborted when its time is over. */
  readonly signal: AbortSignal;
  readonly #options: RunFunctionOptions;
  readonly #asset: AssetKey;
  readonly #own = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #records = 0;
  #bytes = 0;

  constructor(options: RunFunctionOptions) {
    const { spec, source, signal } = options;
    this.#options = options;
    this.#asset = spec.tables[0]?.asset ?? spec.events.asset;
    this.signal = AbortSignal.any([signal, this.#own.signal]);
    // A function asks for many things at once: Node would warn of its many listeners.
    setMaxListeners(0, this.signal);
    this.#timer = setTimeout(
      () => this.#own.abort(new MakeTimeoutError(this.#asset, this.#records, source.timeoutMs)),
      source.timeoutMs,
    );
  }

  /** So many were drawn. */
  get records(): number {
    return this.#records;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What it yields. Throws what a person can act upon, without secrets. */
  async *draw(): AsyncGenerator<unknown, void> {
    try {
      for await (const record of drawRecords(() => this.#begin(), this.signal)) {
        this.#records += 1;
        if (this.#records > MAX_RECORDS) throw this.#refuse(`yielded more than ${MAX_RECORDS} records`);
        yield record;
      }
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** Counts what was written of the records; more than there may be is refused. */
  count(chunk: Buffer): Buffer {
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_BYTES) throw this.#refuse(`yielded more than ${MAX_BYTES} bytes`);
    return chunk;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#own.abort(new Error(`The attempt to make ${this.#asset} is over.`));
  }

  #begin(): AsyncIterable<unknown> {
    const records: Partial<AsyncIterable<unknown>> | undefined = this.#options.fill(this.#createCall());
    if (typeof records?.[Symbol.asyncIterator] === 'function') return records as AsyncIterable<unknown>;
    throw new MakeRefusedError(this.#asset, 'yields no records. Write it as async *make({ window }) { yield … }.');
  }

  #createCall(): MakeCall {
    const { spec, source, start, secrets, pools, log } = this.#options;
    const { signal } = this;
    const pool = pools.open(source.limit, signal);
    const say: MakeCall['log'] = (text, fields) => log.add(text, fields);
    return {
      window: windowOf(spec.window, start),
      signal,
      log: say,
      meta: (values) => log.note(values),
      fetch: createFetch({ pool, signal, log: say }),
      pool: { take: pool.take },
      secret: (name) => {
        const value = secrets.get(name);
        if (value === undefined) throw new SecretMissingError(this.#asset, name);
        return value;
      },
    };
  }

  #refuse(problem: string): MakeRefusedError {
    return new MakeRefusedError(this.#asset, `${problem}. Cut its window finer.`);
  }

  /** What ended the attempt goes before what the function makes of it; its own errors may quote secrets. */
  #explain(error: unknown): unknown {
    if (this.signal.aborted) return this.signal.reason;
    if (error instanceof MakeRefusedError || error instanceof SecretMissingError) return error;
    const { secrets, log } = this.#options;
    const isHopeless = error instanceof TerminalError || (error instanceof Error && error.name === 'GivenUpError');
    // Where it was thrown is news only where nobody meant to.
    if (!isHopeless && error instanceof Error && error.stack !== undefined) log.add(error.stack);
    const problem = createRedact(secrets.values())(describeError(error)).slice(0, MAX_PROBLEM_LENGTH);
    return isHopeless
      ? new MakeGaveUpError(this.#asset, problem)
      : new MakeFailedError(this.#asset, this.#records, problem);
  }
}
