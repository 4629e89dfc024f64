import { ApplicationFailure, setCurrentDetails, sleep } from '@temporalio/workflow';
import type { Extracted } from '../activities/hour/extract.ts';
import type { Made } from '../activities/hour/make.ts';
import type { LogLine } from '../model/attempt-note.ts';
import { makeRunCounts } from '../model/hour-run.ts';
import type { DescribedPipeline, HourInput, HourResult } from '../model/hour-run.ts';
import type { PartitionRef } from '../model/partition.ts';
import { isLight } from '../model/is-light.ts';
import type { Weight } from '../model/is-light.ts';
import { againWhenOvertaken } from './again-when-overtaken.ts';
import { durableSteps, lightSteps, makeWhole } from './hour-steps.ts';
import type { HourSteps } from './hour-steps.ts';

/** What an attempt got to know before it failed. */
export interface Tried {
  /** The version of the input; undefined where it could not even be listed. */
  inputDigest: string | undefined;
  /** The fence of the latest attempt; undefined before there was one. */
  fence: number | undefined;
  /** What there is to tell of its steps, where it fails in the end. */
  readonly lines: LogLine[];
}

/** More would fill a payload; what failed in the end is said by itself. */
const MAX_LINES = 100;
const MAX_TEXT_LENGTH = 300;

/** Says something about a step, for the log of a run that fails. */
function say({ lines }: Tried, text: string): void {
  if (lines.length < MAX_LINES) lines.push({ at: Date.now(), text: text.slice(0, MAX_TEXT_LENGTH) });
}

/** A source whose files change under every reading is not settled; after so many listings a person should look. */
const MAX_LISTINGS = 20;

/** Makes one window, whole. */
export function makePartition(
  partition: PartitionRef,
  described: Pick<DescribedPipeline, 'isMadeByCode'>,
  input: HourInput,
  tried: Tried,
): Promise<HourResult> {
  return againWhenOvertaken(() => makeOnce(partition, described, input, tried));
}

/** Extract and merge (or in their place a function, or the lake's merged object), transform, load. */
async function makeOnce(
  partition: PartitionRef,
  { isMadeByCode = false }: Pick<DescribedPipeline, 'isMadeByCode'>,
  input: HourInput,
  tried: Tried,
): Promise<HourResult> {
  if (input.whole === true && input.until === undefined && !isMadeByCode) {
    const result = await makeWhole(partition, input);
    if (result) return result;
  }
  const merged = await gather(partition, isMadeByCode, input, tried);
  if (merged.state !== 'merged') return merged.result;
  // What a function would yield cannot be known before it runs: what failed of it is told from another by its code.
  if (!isMadeByCode) tried.inputDigest = merged.inputDigest;
  tried.fence = merged.fence;
  say(tried, `merge: ${merged.files.loaded} files, ${merged.files.rejected} rejected, ${merged.object.size} bytes`);
  if (input.until === 'merge') {
    return {
      outcome: 'made',
      data: merged.files.listed === 0 ? 'empty' : 'fresh',
      counts: makeRunCounts(merged.files, null),
      rows: {},
    };
  }

  const { transform, load } = stepsFor(input, { objects: 1, bytes: merged.object.size });
  setCurrentDetails(`Transforming ${merged.files.loaded} files`);
  const staged = await transform({ partition, merged });
  const { lines, good, duplicate, quarantined } = staged.lines;
  say(tried, `transform: ${lines} lines, ${good} good, ${duplicate} duplicate, ${quarantined} quarantined`);
  setCurrentDetails(`Loading ${good} rows`);
  return load({ partition, merged, staged });
}

/**
 * Of a backfill's thousands of hours most are light, and what they cost is what their steps cost the server. A live hour
 * is one: each of its steps is to be seen on its page, and to be gone on from.
 */
function stepsFor(input: HourInput, weight: Weight): HourSteps {
  return input.backfill === true && isLight(weight) ? lightSteps(input) : durableSteps(input);
}

/** What there is to read is not known before these. */
function firstSteps(input: HourInput): HourSteps {
  return stepsFor(input, { objects: 0, bytes: 0 });
}

/** What there is to transform, or the end of the run. */
type Gathered = Made | Extract<Extracted, { state: 'waiting' }>;

/** The window's merged object: made of its source, by its function, or found in the lake. */
async function gather(
  partition: PartitionRef,
  isMadeByCode: boolean,
  input: HourInput,
  tried: Tried,
): Promise<Gathered> {
  if (input.from === 'transform') return firstSteps(input).recall(partition);
  if (!isMadeByCode) return mergeSource(partition, input, tried);
  setCurrentDetails('Running its function');
  return durableSteps(input).make({ partition, force: input.force ?? false, until: input.until });
}

/** Lists and reads the source until one listing could be read whole. */
async function mergeSource(partition: PartitionRef, input: HourInput, tried: Tried): Promise<Gathered> {
  const { extract } = firstSteps(input);
  for (let listing = 1; listing <= MAX_LISTINGS; listing += 1) {
    setCurrentDetails('Listing the source');
    const listed = await extract({ partition, force: input.force ?? false, until: input.until });
    if (listed.state !== 'listed') return listed;

    setCurrentDetails(`Merging ${listed.files} files`);
    const { fence, manifest, inputDigest } = listed;
    tried.inputDigest = inputDigest;
    tried.fence = fence;
    say(tried, `extract: ${listed.files} files listed`);
    const { merge } = stepsFor(input, { objects: listed.files, bytes: listed.bytes ?? Infinity });
    const merged = await merge({ partition, fence, manifest, inputDigest });
    if (merged.state === 'merged') return merged;
    say(tried, `merge: ${merged.reason}`);
    // A file went or changed after it was listed: what is there now is listed again.
    await sleep(Math.min(1_000 * 2 ** (listing - 1), 60_000));
  }
  throw ApplicationFailure.nonRetryable(
    `The files of ${partition.pipeline} changed while they were read, ${MAX_LISTINGS} times in a row. Run the window again when its writer has finished.`,
    'SourceUnsettledError',
  );
}
