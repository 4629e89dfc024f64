import type { Buffer } from 'node:buffer';
import { Writable } from 'node:stream';
import { batchChunks } from './batch-chunks.ts';
import type { Transaction } from './open-warehouse.ts';
import { whenAborted } from './when-aborted.ts';

/** Where a COPY goes. Columns that are not named get their default: `load_id` comes from the transaction. */
export interface CopyTarget {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[];
}

/**
 * Streams ready-encoded COPY BINARY into a table and returns the number of rows it held.
 * Whatever fails, the copy has ended on the server when this throws, and the error is the server's own (with its
 * SQLSTATE as `code`), the producer's, or the signal's reason: the transaction can be rolled back and the connection
 * used again.
 */
export async function copyInto(
  tx: Transaction,
  { schema, table, columns }: CopyTarget,
  chunks: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<number> {
  signal?.throwIfAborted();
  const { stream, ended } = await openCopy(tx, { schema, table, columns });
  const producer = batchChunks(chunks);
  const stopped = whenAborted(signal);
  try {
    await feed(stream, producer, [ended, stopped.promise]);
    stream.end();
    return await ended;
  } catch (error) {
    // A producer that is waiting for something may never settle: told, but not waited for.
    producer.return().catch(() => undefined);
    // Tells the server to end the copy; where the server ended it, this says nothing.
    stream.destroy(new Error('the client gave the copy up'));
    const outcome = await ended.then(
      () => error,
      (reason: unknown) => reason,
    );
    throw isServersOwn(outcome) ? outcome : error;
  } finally {
    stopped.forget();
  }
}

/** Writes each chunk while the producer makes the next. Rejects as soon as one of `ends` does. */
async function feed(
  stream: Writable,
  producer: AsyncGenerator<Buffer>,
  ends: readonly Promise<unknown>[],
): Promise<void> {
  let written: Promise<void> = Promise.resolve();
  for (;;) {
    const next = await Promise.race([producer.next(), ...ends] as readonly Promise<IteratorResult<Buffer, void>>[]);
    await Promise.race([written, ...ends]);
    if (next.done) return;
    written = new Promise((resolve) => stream.write(next.value, () => resolve()));
  }
}

interface OpenCopy {
  readonly stream: Writable;
  /** Settles when the server has answered the whole COPY: with its row count, or with its error. */
  readonly ended: Promise<number>;
}

/**
 * The library settles a COPY's promise when the copy opens. What the server says later (a bad row, a duplicate key)
 * settles the same promise a second time, which reaches nobody, so the copy would hang. Here the second time is heard.
 * Relies on `Query.resolve` and `Query.reject` being the query's own properties: true of postgres 3.4.9, which is
 * pinned, and tested.
 */
async function openCopy(tx: Transaction, { schema, table, columns }: CopyTarget): Promise<OpenCopy> {
  const query = tx`copy ${tx(schema)}.${tx(table)} (${tx(columns)}) from stdin (format binary)`;
  const settling = query as unknown as { resolve(value: unknown): void; reject(error: unknown): void };
  const ended = new Promise<number>((resolve, reject) => {
    const { resolve: opened, reject: refused } = settling;
    settling.resolve = (value) => {
      opened(value);
      if (!(value instanceof Writable)) resolve((value as { readonly count: number }).count);
    };
    settling.reject = (error) => {
      refused(error);
      reject(error);
    };
  });
  // Heard by whoever awaits it; until then it must not count as unhandled.
  ended.catch(() => undefined);
  const stream = await query.writable();
  // The same errors arrive through `ended`.
  stream.on('error', () => undefined);
  return { stream, ended };
}

/** The answer to a copy that the client gave up says nothing new. */
function isServersOwn(error: unknown): boolean {
  return !(error instanceof Error && 'code' in error && error.code === QUERY_CANCELED);
}

const QUERY_CANCELED = '57014';
