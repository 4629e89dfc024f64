import { isLight } from '../../model/is-light.ts';
import type { HourInput, HourResult } from '../../model/hour-run.ts';
import type { PartitionRef } from '../../model/partition.ts';
import type { Dependencies } from '../dependencies.ts';
import { extract } from './extract.ts';
import type { Extracted } from './extract.ts';
import { load } from './load.ts';
import { merge } from './merge.ts';
import type { Merged } from './merge.ts';
import { recall } from './recall.ts';
import { transform } from './transform.ts';

export interface MakeLightInput extends Pick<HourInput, 'from'> {
  readonly partition: PartitionRef;
  readonly force: boolean;
}

/** `heavy`: it holds more than is made at once, or its files change while they are read; no rows were published. */
export type MadeLight = { readonly state: 'made'; readonly result: HourResult } | { readonly state: 'heavy' };

/** What there is to transform, or the end of the run, or undefined where the window is heavy. */
type Gathered = Merged | Exclude<Extracted, { state: 'listed' }> | undefined;

/** Makes a window of few small files whole: the four steps, one after the other, with nothing handed over between them. */
export async function makeLight(dependencies: Dependencies, input: MakeLightInput): Promise<MadeLight> {
  const { partition } = input;
  const merged = await gather(dependencies, input);
  if (!merged) return { state: 'heavy' };
  if (merged.state !== 'merged') return { state: 'made', result: merged.result };
  if (!isLight({ objects: 1, bytes: merged.object.size })) return { state: 'heavy' };
  const staged = await transform(dependencies, { partition, merged });
  return { state: 'made', result: await load(dependencies, { partition, merged, staged }) };
}

async function gather(dependencies: Dependencies, { partition, force, from }: MakeLightInput): Promise<Gathered> {
  if (from === 'transform') return recall(dependencies, partition);
  const listed = await extract(dependencies, { partition, force, until: undefined });
  if (listed.state !== 'listed') return listed;
  const { fence, manifest, inputDigest, files, bytes = Infinity } = listed;
  if (!isLight({ objects: files, bytes })) return undefined;
  const merged = await merge(dependencies, { partition, fence, manifest, inputDigest });
  return merged.state === 'merged' ? merged : undefined;
}
