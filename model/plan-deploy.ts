import { listAssetCode } from './asset-code.ts';
import type { AssetCode } from './asset-code.ts';
import type { AssetKey, PipelineName } from './asset-key.ts';
import { describeChange } from './describe-change.ts';
import { madeByPipeline, planReached } from './find-reached.ts';
import type { MadeWindows } from './find-reached.ts';
import { listUpstream } from './graph.ts';
import type { AssetGraph, DerivedNode, PipelineNode } from './graph.ts';
import { endedWindows, intersectRanges, subtractRanges, uniteRanges } from './index-ranges.ts';
import type { IndexRanges } from './index-ranges.ts';
import type { PipelineSpec } from './pipeline-spec.ts';
import type { MadeRange } from './plan.ts';
import { watchedWindows } from './watched-windows.ts';
import type { Instant } from './window.ts';

export interface DeployQuestion {
  /** The definitions that would be deployed. */
  readonly graph: AssetGraph;
  /** The newest code on record of every asset that was ever deployed. */
  readonly deployed: readonly AssetCode[];
  /** What of every asset is visible in the ledger, in any order. */
  readonly made: readonly MadeRange[];
  readonly now: Instant;
}

/**
 * What the definitions say of an asset, held against the record. `unrecorded`: there is none of it yet, though it was
 * made before: from before deploys were kept.
 */
export type AssetChange = 'new' | 'changed' | 'same' | 'unrecorded';

/** What a deploy would do to one asset. Windows are those of the asset itself; `WHOLE` where it has none. */
export interface AssetDeploy {
  readonly asset: AssetKey;
  readonly change: AssetChange;
  /** What changed, in words; empty where nothing did, or nothing is known. */
  readonly why: readonly string[];
  readonly made: IndexRanges;
  /** Made by other code. */
  readonly stale: IndexRanges;
  /** Not made, though all that it is made of is there. */
  readonly fill: IndexRanges;
  /** Of a derived asset, the windows that follow because what they read is made again. */
  readonly follow: IndexRanges;
}

/** What a deploy would do to the windows of one pipeline: each is made as a whole. */
export interface PipelineDeploy {
  readonly pipeline: PipelineName;
  /** The windows of which any asset is stale. */
  readonly stale: IndexRanges;
  /** The windows of which an asset is to be filled. */
  readonly fill: IndexRanges;
  /** Of both, those inside the lateness window: reconcile makes them by itself. */
  readonly byItself: IndexRanges;
  /** The others: they wait for a backfill. */
  readonly waiting: IndexRanges;
  /** The merged objects are stale too, so that the windows begin with the source. */
  readonly needsSource: boolean;
  /** What is computed from it, and has windows that nothing of the above brings up to date: they wait for a backfill too. */
  readonly derived: readonly AssetKey[];
}

export interface DeployPlan {
  /** By key. */
  readonly assets: readonly AssetDeploy[];
  readonly pipelines: readonly PipelineDeploy[];
  /** Deployed once, and not defined any more. Their tables stay. */
  readonly gone: readonly AssetKey[];
}

/** What a deploy of definitions would do against the ledger as it is: pure, so that it can be asked before it is done. */
export function planDeploy(question: DeployQuestion): DeployPlan {
  const { graph, deployed } = question;
  const nodes = [...graph.values()];
  const codes = new Map(listAssetCode(graph).map((code) => [code.asset, code]));
  const known = new Map(deployed.map((code) => [code.asset, code]));
  const ofPipelines = nodes.flatMap((node) => (node.kind === 'derived' ? [] : [compareNode(question, node)]));
  const specs = new Map(
    nodes.flatMap((node) => (node.kind === 'derived' ? [] : [[node.pipeline.name, node.pipeline]])),
  );
  const own = [...specs.values()].map((spec) => planPipelineDeploy(question, spec, ofPipelines));
  const computed = planDerivedDeploy(question, specs, own);
  const pipelines = assignWaiting(question, specs, own, computed);
  const assets = [...ofPipelines, ...computed].map((compared): AssetDeploy => {
    const [before, code] = [known.get(compared.asset), codes.get(compared.asset)];
    const change = changeOf(before, code, compared.made.length > 0);
    const why = before && code && change === 'changed' ? describeChange(before.code, code.code) : [];
    return { ...compared, change, why };
  });
  return {
    assets: assets.sort((a, b) => (a.asset < b.asset ? -1 : 1)),
    pipelines,
    // Pipelines as a whole are on record too, under their names.
    gone: deployed.map(({ asset }) => asset).filter((asset) => asset.includes('/') && !graph.has(asset)),
  };
}

function changeOf(before: AssetCode | undefined, code: AssetCode | undefined, isMade: boolean): AssetChange {
  if (before) return before.codeVersion === code?.codeVersion ? 'same' : 'changed';
  return isMade ? 'unrecorded' : 'new';
}

type Compared = Omit<AssetDeploy, 'change' | 'why'>;

/** A merged object or a table against the ledger. */
function compareNode({ graph, made }: DeployQuestion, { key, codeVersion, pipeline }: PipelineNode): Compared {
  const { events } = pipeline;
  const there = rangesOf(made, key);
  const fill = key === events.asset ? [] : subtractRanges(rangesOf(made, graph.get(events.asset)?.key), there);
  return { asset: key, made: there, stale: subtractRanges(there, rangesOf(made, key, codeVersion)), fill, follow: [] };
}

type OwnDeploy = Omit<PipelineDeploy, 'derived'>;

function planPipelineDeploy({ now }: DeployQuestion, spec: PipelineSpec, compared: readonly Compared[]): OwnDeploy {
  const own = new Set([spec.events, ...spec.tables].map(({ asset }) => asset));
  const ofPipeline = compared.filter(({ asset }) => own.has(asset));
  // A window that is not over and settled is its schedule's.
  const settled = [endedWindows(spec.window, now - spec.settleMs)];
  const stale = intersectRanges(uniteRanges(...ofPipeline.map((asset) => asset.stale)), settled);
  const fill = intersectRanges(uniteRanges(...ofPipeline.map((asset) => asset.fill)), settled);
  const listed = listedWindows(spec, now);
  const all = uniteRanges(stale, fill);
  return {
    pipeline: spec.name,
    stale,
    fill,
    byItself: intersectRanges(all, listed),
    waiting: subtractRanges(all, listed),
    needsSource: ofPipeline.some(({ asset, stale }) => asset === spec.events.asset && stale.length > 0),
  };
}

/** Those that reconcile compares with the source on each pass. */
function listedWindows(spec: PipelineSpec, now: Instant): IndexRanges {
  return uniteRanges([watchedWindows(spec, { promisedFrom: now, now }).listed]);
}

/** Shows each derived asset that waits with the first pipeline that it is made of. */
function assignWaiting(
  { graph, now }: DeployQuestion,
  specs: ReadonlyMap<PipelineName, PipelineSpec>,
  pipelines: readonly OwnDeploy[],
  computed: readonly Compared[],
): readonly PipelineDeploy[] {
  const seen = new Map(
    pipelines.flatMap(({ pipeline, stale, fill }) => {
      const spec = specs.get(pipeline);
      return spec ? [...madeByPipeline(spec, uniteRanges(stale, fill, listedWindows(spec, now)))] : [];
    }),
  );
  // By reconcile, or after the hours that are made again.
  const follow = reachedBy(graph, seen, now);
  const waiting = computed
    .filter(({ asset, stale, fill }) => subtractRanges(uniteRanges(stale, fill), follow.get(asset) ?? []).length > 0)
    .map(({ asset }) => ({ asset, upstream: listUpstream(graph, asset) }));
  const makerOf = (upstream: readonly AssetKey[]) =>
    pipelines.find(({ pipeline }) => upstream.some((key) => key === specs.get(pipeline)?.events.asset))?.pipeline;
  return pipelines.map((own) => ({
    ...own,
    derived: waiting.filter(({ upstream }) => makerOf(upstream) === own.pipeline).map(({ asset }) => asset),
  }));
}

/** Derived assets against the ledger, and against what the pipelines' windows will do to them. */
function planDerivedDeploy(
  { graph, made, now }: DeployQuestion,
  specs: ReadonlyMap<PipelineName, PipelineSpec>,
  pipelines: readonly OwnDeploy[],
): readonly Compared[] {
  const nodes = [...graph.values()].flatMap((node): readonly DerivedNode[] => (node.kind === 'derived' ? [node] : []));
  const own = new Map(
    nodes.map(({ key, codeVersion }) => {
      const there = rangesOf(made, key);
      return [key, { there, stale: subtractRanges(there, rangesOf(made, key, codeVersion)) }];
    }),
  );
  const merged: MadeWindows = new Map(
    [...specs.values()].flatMap((spec) => [...madeByPipeline(spec, rangesOf(made, spec.events.asset))]),
  );
  const again: MadeWindows = new Map([
    ...pipelines.flatMap(({ pipeline, stale, fill }) => {
      const spec = specs.get(pipeline);
      return spec ? [...madeByPipeline(spec, uniteRanges(stale, fill))] : [];
    }),
    ...[...own].map(([key, { stale }]) => [key, stale] as const),
  ]);
  const [possible, reached] = [reachedBy(graph, merged, now), reachedBy(graph, again, now)];
  return nodes.map(({ key }) => {
    const { there = [], stale = [] } = own.get(key) ?? {};
    return {
      asset: key,
      made: there,
      stale,
      fill: there.length > 0 ? [] : (possible.get(key) ?? []),
      follow: subtractRanges(intersectRanges(reached.get(key) ?? [], there), stale),
    };
  });
}

function reachedBy(graph: AssetGraph, made: MadeWindows, now: Instant): MadeWindows {
  return new Map(
    planReached(graph, made, now)
      .flat()
      .map(({ node, ranges }) => [node.key, ranges]),
  );
}

/** What is made of an asset, by this code or by any. */
function rangesOf(made: readonly MadeRange[], asset: AssetKey | undefined, codeVersion?: string): IndexRanges {
  return uniteRanges(
    made
      .filter((range) => range.asset === asset && (codeVersion === undefined || range.codeVersion === codeVersion))
      .map(({ from, to }) => ({ from, to })),
  );
}
