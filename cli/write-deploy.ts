import { countWindows } from '../model/index-ranges.ts';
import type { AssetChange, AssetDeploy, DeployPlan, PipelineDeploy } from '../model/plan-deploy.ts';
import type { ComparedTable } from '../warehouse/compare-table.ts';
import { formatTable } from './format-table.ts';
import { formatDuration } from './format-time.ts';
import { describeDifferences } from './write-differences.ts';
import type { DifferingTable } from './write-differences.ts';

/** What a deploy would do, for programs. Counts are of windows. */
export interface DeployDocument {
  readonly assets: readonly {
    readonly asset: string;
    readonly change: AssetChange;
    readonly why: readonly string[];
    readonly made: number;
    readonly stale: number;
    readonly fill: number;
    readonly follow: number;
  }[];
  readonly pipelines: readonly {
    readonly pipeline: string;
    readonly stale: number;
    readonly fill: number;
    readonly byItself: number;
    readonly waiting: number;
    readonly needsSource: boolean;
    /** Computed assets that wait too. */
    readonly derived: readonly string[];
    /** For what waits, at the rate of the fastest minute on record; null where there is no such rate. */
    readonly estimateMs: number | null;
    /** What has it made; empty where nothing waits. */
    readonly commands: readonly string[];
  }[];
  readonly gone: readonly string[];
  readonly tables: readonly DifferingTable[];
}

export interface DeployFacts {
  readonly compared: readonly ComparedTable[];
  /** By pipeline, how many windows it published in its fastest minute. */
  readonly fastest: ReadonlyMap<string, number>;
}

/** Fewer windows than this in a minute are the pace of the clock, and not of a backfill. */
const MIN_FASTEST = 10;

/** Puts a plan into counts and words. */
export function describeDeploy(
  { assets, pipelines, gone }: DeployPlan,
  { compared, fastest }: DeployFacts,
): DeployDocument {
  return {
    assets: assets.map(describeAsset),
    pipelines: pipelines.map((pipeline) =>
      describePipeline(
        pipeline,
        assets.filter(({ asset }) => pipeline.derived.includes(asset)),
        fastest.get(pipeline.pipeline) ?? 0,
      ),
    ),
    gone,
    tables: describeDifferences(compared),
  };
}

function describeAsset({
  asset,
  change,
  why,
  made,
  stale,
  fill,
  follow,
}: AssetDeploy): DeployDocument['assets'][number] {
  return {
    ...{ asset, change, why },
    made: countWindows(made),
    stale: countWindows(stale),
    fill: countWindows(fill),
    follow: countWindows(follow),
  };
}

function describePipeline(
  { pipeline, stale, fill, byItself, waiting, needsSource }: PipelineDeploy,
  derived: readonly AssetDeploy[],
  fastest: number,
): DeployDocument['pipelines'][number] {
  const waits = countWindows(waiting);
  return {
    pipeline,
    stale: countWindows(stale),
    fill: countWindows(fill),
    byItself: countWindows(byItself),
    waiting: waits,
    needsSource,
    derived: derived.map(({ asset }) => asset),
    estimateMs: fastest >= MIN_FASTEST ? Math.round((waits / fastest) * 60_000) : null,
    commands: [
      ...(waits > 0 ? listCommands(pipeline, { fill, stale }) : []),
      ...derived.flatMap(({ asset, fill: absent, stale: old }) => listCommands(asset, { fill: absent, stale: old })),
    ],
  };
}

function listCommands(name: string, { fill, stale }: Pick<PipelineDeploy, 'fill' | 'stale'>): readonly string[] {
  return [
    ...(fill.length > 0 ? [`hourloom backfill start ${name} --only missing`] : []),
    ...(stale.length > 0 ? [`hourloom backfill start ${name} --only stale`] : []),
  ];
}

/** The same for people: what changes and why, what is made by itself, what waits, and for which command. */
export function writeDeploy({ assets, pipelines, gone, tables }: DeployDocument): string {
  const touched = assets.filter(({ change, stale, fill, follow }) => change !== 'same' || stale + fill + follow > 0);
  const parts = [
    ...(touched.length > 0
      ? [
          formatTable([
            ['asset', 'change', 'windows'],
            ...touched.map((asset) => [asset.asset, writeChange(asset), writeWindows(asset)]),
          ]),
        ]
      : []),
    ...pipelines.filter(({ stale, fill, derived }) => stale + fill + derived.length > 0).map(writePipeline),
    ...(tables.length > 0 ? [writeTables(tables)] : []),
    ...(gone.length > 0 ? [`Deployed once, and not defined any more: ${gone.join(', ')}. Their tables stay.`] : []),
  ];
  return parts.length > 0 ? parts.join('\n\n') : 'A deploy of these definitions changes nothing.';
}

type DescribedAsset = DeployDocument['assets'][number];
type DescribedPipeline = DeployDocument['pipelines'][number];

function writeChange({ change, why, stale }: DescribedAsset): string {
  switch (change) {
    case 'new':
      return 'is new';
    case 'changed':
      return why.length > 0 ? why.join('; ') : 'its code changed';
    case 'unrecorded':
      return stale > 0 ? 'its code changed; by what is not on record' : 'not on record yet';
    case 'same':
      return 'as it is deployed';
  }
}

function writeWindows({ stale, fill, follow }: Pick<DescribedAsset, 'stale' | 'fill' | 'follow'>): string {
  const parts = [
    ...(stale > 0 ? [`${formatCount(stale)} stale`] : []),
    ...(fill > 0 ? [`${formatCount(fill)} to fill`] : []),
    ...(follow > 0 ? [`${formatCount(follow)} computed again after what they read`] : []),
  ];
  return parts.length > 0 ? parts.join(', ') : 'none';
}

function writePipeline(described: DescribedPipeline): string {
  const { pipeline, stale, fill, byItself, waiting, needsSource, derived, commands } = described;
  const source = needsSource ? 'from the source' : 'from the lake, without the source';
  const own = `${pipeline}: ${writeWindows({ stale, fill, follow: 0 })}, ${source}.`;
  const inside = `${formatCount(byItself)} inside the lateness window are made by themselves`;
  return [
    ...(stale + fill > 0 ? [own, `  ${inside}, the other ${formatCount(waiting)} wait.`] : []),
    ...(derived.length > 0
      ? [`${stale + fill > 0 ? '  ' : `${pipeline}: `}Windows of ${derived.join(', ')} before that wait too.`]
      : []),
    ...commands.map((command) => `  ${command}`),
    ...(waiting > 0 ? [`  ${writeEstimate(described)}`] : []),
  ].join('\n');
}

function writeEstimate({ estimateMs }: DescribedPipeline): string {
  if (estimateMs === null)
    return 'How long that takes is not known: no minute on record had as many windows as a backfill makes.';
  return `About ${formatDuration(roundEstimate(estimateMs))} at the rate of its fastest minute on record.`;
}

/** Nobody knows it to the second. */
function roundEstimate(ms: number): number {
  return ms < MINUTE_MS ? ms : Math.round(ms / MINUTE_MS) * MINUTE_MS;
}

const MINUTE_MS = 60_000;

function writeTables(tables: readonly DifferingTable[]): string {
  return formatTable([
    ['table', 'difference'],
    ...tables.flatMap(({ table, differences }) => differences.map(({ what }) => [table, what])),
  ]);
}

/** `65,000` */
function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}
