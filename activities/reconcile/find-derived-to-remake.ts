import { madeByPipeline, planReached, withStarts } from '../../model/find-reached.ts';
import type { DerivedRanges, MadeWindows } from '../../model/find-reached.ts';
import { listIndexes, uniteRanges } from '../../model/index-ranges.ts';
import { listInputs } from '../../model/list-inputs.ts';
import { mayRetry } from '../../model/may-retry.ts';
import { derivedPartition, WHOLE_START } from '../../model/partition.ts';
import type { PipelineSpec } from '../../model/pipeline-spec.ts';
import { watchedWindows } from '../../model/watched-windows.ts';
import { windowAt } from '../../model/window.ts';
import type { Instant } from '../../model/window.ts';
import { digestInputs } from '../../warehouse/digest-inputs.ts';
import { listFailures } from '../../warehouse/list-failures.ts';
import { listRuledSince } from '../../warehouse/list-ruled.ts';
import { readMade } from '../../warehouse/read-made.ts';
import type { DerivedTarget } from '../derive/describe-derived.ts';
import { digestDerivedTried } from '../digest-tried.ts';
import type { Dependencies } from '../dependencies.ts';

type Reach = Pick<Dependencies, 'warehouse' | 'graph'>;

/** One pass compares no more partitions of an asset: the newest. */
const MAX_COMPARED = 500;

/**
 * The derived partitions that read the windows reconcile looks after and are not what these would give now: nobody told
 * them, or their code changed.
 */
export async function findDerivedToRemake(
  reach: Reach,
  spec: PipelineSpec,
  now: Instant,
): Promise<readonly DerivedTarget[]> {
  const { listed } = watchedWindows(spec, { promisedFrom: now, now });
  const watched = planReached(reach.graph, madeByPipeline(spec, uniteRanges([listed])), now);
  const ruled = planReached(reach.graph, await readRuled(reach, spec, now), now);
  const found = new Map<string, DerivedTarget>();
  for (const reached of [...watched, ...ruled].flat()) {
    for (const target of await findStale(reach, reached, now)) found.set(`${target.asset} ${target.start}`, target);
  }
  return [...found.values()];
}

/** Windows of any age of which readers see something else, by rules over the whole set, since about as long as is watched. */
async function readRuled({ warehouse }: Reach, spec: PipelineSpec, now: Instant): Promise<MadeWindows> {
  const assets = spec.tables.filter(({ set }) => set).map(({ asset }) => asset);
  if (assets.length === 0) return new Map();
  return withStarts(new Map(), spec, await listRuledSince(warehouse.sql, assets, now - spec.latenessMs));
}

async function findStale(
  { warehouse, graph }: Reach,
  { node, ranges }: DerivedRanges,
  now: Instant,
): Promise<readonly DerivedTarget[]> {
  const { key: asset, window, codeVersion, derived } = node;
  const starts = [...listIndexes(ranges, 'newest')]
    .slice(0, MAX_COMPARED)
    .map((index) => (window ? windowAt(window, index).start : WHOLE_START));
  const within = { start: Math.min(...starts), end: Math.max(...starts) + 1 };
  const made = new Map<Instant, { readonly inputDigest: string; readonly codeVersion: string }>();
  for await (const page of readMade(warehouse.sql, { asset, within })) {
    for (const entry of page) made.set(entry.start, entry);
  }
  const maker = derivedPartition(asset, WHOLE_START).pipeline;
  const failures = await listFailures(warehouse.sql, { pipeline: maker, within, limit: starts.length });
  const failureOf = new Map(failures.map((failure) => [failure.partition.start, failure]));

  const inputs = starts.map((start) => listInputs(graph, derived, start, now));
  const digests = await digestInputs(
    warehouse.sql,
    inputs.map(({ ranges }) => ranges),
  );
  return starts.flatMap((start, number) => {
    const [before, input] = [made.get(start), digests[number]];
    if (!input || (!before && input.made === 0)) return [];
    if (before?.inputDigest === input.digest && before.codeVersion === codeVersion) return [];
    if (derived.when === 'complete' && input.made < (inputs[number]?.expected ?? 0)) return [];
    const present = [digestDerivedTried(codeVersion, input.digest)];
    return mayRetry(failureOf.get(start), present, now) ? [{ asset, start }] : [];
  });
}
