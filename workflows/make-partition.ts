import { ApplicationFailure, setCurrentDetails, sleep } from '@temporalio/workflow';
import type { Extracted } from '../activities/hour/extract.ts';
import type { Merged } from '../activities/hour/merge.ts';
import { makeRunCounts } from '../model/hour-run.ts';
import type { HourInput, HourResult } from '../model/hour-run.ts';
import type { PartitionRef } from '../model/partition.ts';
import { isLight } from '../model/is-light.ts';
import type { Weight } from '../model/is-light.ts';
import { againWhenOvertaken } from './again-when-overtaken.ts';
import { durableSteps, lightSteps } from './hour-steps.ts';
import type { HourSteps } from './hour-steps.ts';

/** What an attempt got to know before it failed. */
export interface Tried {
  /** The version of the input; undefined where it could not even be listed. */
  inputDigest: string | undefined;
}

/** A source whose files change under every reading is not settled; after so many listings a person should look. */
const MAX_LISTINGS = 20;

/** Makes one window, whole. */
export function makePartition(partition: PartitionRef, input: HourInput, tried: Tried): Promise<HourResult> {
  return againWhenOvertaken(() => makeOnce(partition, input, tried));
}

/** Extract and merge (or the lake's merged object in their place), transform, load. */
async function makeOnce(partition: PartitionRef, input: HourInput, tried: Tried): Promise<HourResult> {
  const merged =
    input.from === 'transform' ? await firstSteps(input).recall(partition) : await mergeSource(partition, input, tried);
  tried.inputDigest = merged.state === 'merged' ? merged.inputDigest : tried.inputDigest;
  if (merged.state === 'unchanged') return merged.result;
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
  setCurrentDetails(`Loading ${staged.lines.good} rows`);
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

/** Lists and reads the source until one listing could be read whole. */
async function mergeSource(
  partition: PartitionRef,
  input: HourInput,
  tried: Tried,
): Promise<Merged | Extract<Extracted, { state: 'unchanged' }>> {
  const { extract } = firstSteps(input);
  for (let listing = 1; listing <= MAX_LISTINGS; listing += 1) {
    setCurrentDetails('Listing the source');
    const listed = await extract({ partition, force: input.force ?? false, until: input.until });
    if (listed.state === 'unchanged') return listed;

    setCurrentDetails(`Merging ${listed.files} files`);
    const { fence, manifest, inputDigest } = listed;
    tried.inputDigest = inputDigest;
    const { merge } = stepsFor(input, { objects: listed.files, bytes: listed.bytes ?? Infinity });
    const merged = await merge({ partition, fence, manifest, inputDigest });
    if (merged.state === 'merged') return merged;
    // A file went or changed after it was listed: what is there now is listed again.
    await sleep(Math.min(1_000 * 2 ** (listing - 1), 60_000));
  }
  throw ApplicationFailure.nonRetryable(
    `The files of ${partition.pipeline} changed while they were read, ${MAX_LISTINGS} times in a row. Run the window again when its writer has finished.`,
    'SourceUnsettledError',
  );
}
