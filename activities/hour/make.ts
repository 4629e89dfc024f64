import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { activityInfo, cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { cutSegments } from '../../lake/merged-format.ts';
import { partitionPrefix } from '../../lake/object-keys.ts';
import type { ChangeFile } from '../../lake/rewrite-merged.ts';
import { putContentAddressed } from '../../lake/put-content-addressed.ts';
import { writeSegments } from '../../lake/write-segments.ts';
import type { FileCounts } from '../../model/counts.ts';
import { findMade } from '../../model/find-made.ts';
import { getCodeSource, NoCodeError } from '../../model/get-code-source.ts';
import type { StoredObject } from '../../model/source-object.ts';
import { claimFence } from '../../warehouse/claim-fence.ts';
import type { Fence } from '../../warehouse/fence.ts';
import { readVisible } from '../../warehouse/read-ledger.ts';
import { getPipeline } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';
import { openSuppression } from '../erase/open-suppression.ts';
import { keepNote } from '../keep-note.ts';
import { AttemptLog } from '../make/attempt-log.ts';
import { describeError } from '../make/describe-error.ts';
import { encodeRecord } from '../make/encode-record.ts';
import { MakeFailedError, MakeTimeoutError } from '../make/errors.ts';
import { createRedact } from '../make/redact.ts';
import { FunctionRun } from '../make/run-function.ts';
import type { Extracted, ExtractInput } from './extract.ts';
import type { Merged } from './merge.ts';
import { publishMerged } from './publish-merged.ts';

/** What a run of the author's function came to. */
export type Made = Merged | Extract<Extracted, { state: 'unchanged' }>;

/** The merged object names its records' source by this word. */
const SOURCE = 'make';
/** So much is written at once; in between other work of this process goes on. */
const CHUNK_BYTES = 256 * 1024;
/** How often a function that fails is tried in one run; reconcile starts another run later. */
const MAX_TRIES = 4;

/**
 * Runs the author's function for one window, and writes what it yields as the window's merged object: in place of
 * extract and merge. The fence is claimed first: whoever asked the foreign system later knows more. The digest of what
 * was yielded is the input's version; where the ledger has that already, nothing is published.
 */
export async function make(dependencies: Dependencies, input: ExtractInput): Promise<Made> {
  const { lake, warehouse, pipelines, secrets } = dependencies;
  const { partition } = input;
  const { spec } = getPipeline({ pipelines }, partition.pipeline);
  const fence = await claimFence(warehouse, partition);
  const log = new AttemptLog(createRedact(secrets.values()));
  let failed = true;
  try {
    const made = await makeBehind(dependencies, input, fence, log);
    failed = false;
    return made;
  } catch (error) {
    log.add(`The attempt failed: ${describeError(error)}`);
    throw isLastTry(error) ? ApplicationFailure.fromError(error, { nonRetryable: true }) : error;
  } finally {
    const [lines, meta] = [log.close(), log.meta];
    await keepNote(
      { lake, warehouse },
      { partition, window: spec.window, loadId: fence, step: 'make', failed, meta, lines },
    );
  }
}

/** What fails in a function seldom ends within minutes; our own servers' outages are tried through like any step's. */
function isLastTry(error: unknown): boolean {
  const isOfFunction = error instanceof MakeFailedError || error instanceof MakeTimeoutError;
  return isOfFunction && activityInfo().attempt >= MAX_TRIES;
}

async function makeBehind(
  dependencies: Dependencies,
  { partition, force, until }: ExtractInput,
  fence: Fence,
  log: AttemptLog,
): Promise<Made> {
  const { lake, warehouse, pipelines, secrets, pools } = dependencies;
  const { spec, make: fill } = getPipeline({ pipelines }, partition.pipeline);
  const source = getCodeSource(spec);
  if (!fill) throw new NoCodeError(spec);
  const signal = cancellationSignal();
  using run = new FunctionRun({ spec, source, fill, start: partition.start, secrets, pools, log, signal });
  const suppression = await openSuppression(dependencies, spec);
  const { object, digest } = await writeRecords(lake, run, log, {
    change: suppression?.change,
    prefix: partitionPrefix('raw', spec.window, partition),
    suffix: '.jsonl.gz',
    signal: run.signal,
  });
  log.add(`${run.records} records, ${run.bytes} bytes`);

  const found = force ? undefined : findMade(spec, await readVisible(warehouse.sql, partition), digest, until);
  if (found) return { state: 'unchanged', result: found };
  const made = { partition, fence, inputDigest: digest, object, files: countFiles(run), suppression, signal };
  return await publishMerged(dependencies, spec, made);
}

/** Writes the records as the lines of one file, in bounded memory; the digest is that of the lines. */
async function writeRecords(
  lake: Dependencies['lake'],
  run: FunctionRun,
  log: AttemptLog,
  {
    change,
    ...put
  }: {
    readonly change: ChangeFile | undefined;
    readonly prefix: string;
    readonly suffix: string;
    readonly signal: AbortSignal;
  },
): Promise<{ readonly object: StoredObject; readonly digest: string }> {
  const sha256 = createHash('sha256');
  const object = await putContentAddressed(lake, {
    ...put,
    async write(sink) {
      const writer = writeSegments(sink);
      const chunks = watch(writeLines(run, log), (chunk) => void sha256.update(chunk));
      const content = change ? change(SOURCE, chunks) : chunks;
      for await (const segment of cutSegments(SOURCE, content)) await writer.write(segment);
      await writer.end();
    },
  });
  return { object, digest: sha256.digest('hex') };
}

async function* writeLines(run: FunctionRun, log: AttemptLog): AsyncGenerator<Buffer> {
  let lines: string[] = [];
  let length = 0;
  for await (const record of run.draw()) {
    const { line, problem } = encodeRecord(record);
    if (problem !== undefined)
      log.add(`Record ${run.records} cannot be carried by JSON: ${problem}. It is quarantined.`);
    lines.push(line, '\n');
    length += line.length + 1;
    if (length < CHUNK_BYTES) continue;
    yield run.count(Buffer.from(lines.join('')));
    lines = [];
    length = 0;
    await nextTurn();
  }
  if (length > 0) yield run.count(Buffer.from(lines.join('')));
}

async function* watch(chunks: AsyncIterable<Buffer>, see: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    see(chunk);
    yield chunk;
  }
}

/** What was yielded is one file; where nothing was, none: the window is empty. */
function countFiles({ records }: FunctionRun): FileCounts {
  const loaded = records === 0 ? 0 : 1;
  return { listed: loaded, loaded, rejected: 0, skipped: 0, empty: 0 };
}
