import type { OpenRun } from '../client/list-open-runs.ts';
import type { Definitions } from '../define/definitions.ts';
import type { AssetKey } from '../model/asset-key.ts';
import type { Health } from '../model/health.ts';
import type { PartitionRef } from '../model/partition.ts';
import { countStrays } from '../model/survey.ts';
import { formatPartition, windowOf } from '../model/window.ts';
import type { Instant, WindowKind } from '../model/window.ts';
import type { AssetSummary } from '../warehouse/summarize-ledger.ts';
import { describeCheckResult } from './describe-check-result.ts';
import type { CheckDocument } from './describe-check-result.ts';
import { describeErasures } from './describe-erasures.ts';
import type { ErasuresDocument } from './describe-erasures.ts';
import type { StatusFacts } from './gather-status.ts';

/** The state of everything, for programs. */
export interface StatusDocument {
  readonly assets: readonly DescribedAsset[];
  /** Changes of health that no webhook took yet. */
  readonly alerts: { readonly waiting: number; readonly since: string; readonly problem: string } | null;
  readonly runs: readonly (Described & { readonly attempt: 'waiting' | 'running'; readonly workflowId: string })[];
  readonly failures: readonly (Described & {
    readonly reason: string;
    readonly retryable: boolean;
    readonly failedAt: string;
  })[];
  /** Of those that were surveyed; what is of no window, `hourloom source` lists. */
  readonly sources: readonly {
    readonly pipeline: string;
    readonly objects: number;
    readonly ofNoWindow: number;
    readonly surveyedAt: string;
  }[];
  readonly erasures: ErasuresDocument;
  /** Those that failed, the newest first. */
  readonly checks: readonly (CheckDocument & { readonly asset: AssetKey })[];
}

interface Described {
  readonly pipeline: string;
  readonly partition: string;
}

interface DescribedAsset {
  readonly asset: AssetKey;
  readonly made: number;
  readonly empty: number;
  /** Those that can be read. */
  readonly rows: number;
  /** Records that are held back, for what they are or by rules over all hours. */
  readonly quarantined: number;
  readonly newest: string | null;
  readonly health: Health;
}

/** Names what was found by the definitions; reads nothing and asks nobody. */
export function describeStatus(definitions: Definitions, facts: StatusFacts): StatusDocument {
  const { alerts } = facts;
  return {
    assets: describeAssets(definitions, facts),
    alerts: alerts
      ? { waiting: alerts.count, since: new Date(alerts.since).toISOString(), problem: alerts.problem }
      : null,
    runs: facts.runs.map((run) => ({
      ...describePartition(definitions, run.partition),
      attempt: attemptOf(definitions, run, facts.now),
      workflowId: run.workflowId,
    })),
    failures: facts.failures.map(({ partition, reason, retryable, failedAt }) => ({
      ...describePartition(definitions, partition),
      reason,
      retryable,
      failedAt: new Date(failedAt).toISOString(),
    })),
    sources: describeSources(facts.surveys),
    erasures: describeErasures(facts.erasures),
    checks: facts.checks.map((result) => ({
      asset: result.asset,
      ...describeCheckResult({ window: windowOfAsset(definitions, result.asset) }, result),
    })),
  };
}

const UNKNOWN: Health = { state: 'unknown', why: 'Nobody looked.', partition: null };

/** Every declared asset, made or not. */
function describeAssets(
  { pipelines, derived }: Definitions,
  { summaries, healths }: StatusFacts,
): readonly DescribedAsset[] {
  const made = new Map(summaries.map((summary) => [summary.asset, summary]));
  const describe = (asset: AssetKey, window: WindowKind | undefined, isJudged: boolean): DescribedAsset => ({
    asset,
    ...describeMade(made.get(asset), window, isJudged),
    health: healths.get(asset) ?? UNKNOWN,
  });
  return [
    ...[...pipelines.values()].flatMap(({ spec: { events, tables, window } }) => [
      describe(events.asset, window, false),
      ...tables.map(({ asset, parent }) => describe(asset, window, parent === undefined)),
    ]),
    ...[...derived.values()].map(({ asset, window }) => describe(asset, window, false)),
  ];
}

/**
 * Rules over all hours are about records. Those of a table's own are `isJudged`; of the rows of its child tables, of
 * which a record has any number, nobody counts how many are out of sight.
 */
function describeMade(
  summary: AssetSummary | undefined,
  window: WindowKind | undefined,
  isJudged: boolean,
): Omit<DescribedAsset, 'asset' | 'health'> {
  if (!summary) return { made: 0, empty: 0, rows: 0, quarantined: 0, newest: null };
  const { made, empty, newest } = summary;
  const ruledOut = isJudged ? summary.ruledOut : 0;
  return {
    made,
    empty,
    rows: summary.rows - ruledOut,
    quarantined: summary.quarantined + ruledOut,
    newest: formatPartition(window, newest),
  };
}

/** One that is not declared any more is named to the second. */
const UNDECLARED: WindowKind = { unit: 'every', ms: 1_000 };

function windowOfAsset({ pipelines, derived }: Definitions, asset: AssetKey): WindowKind | undefined {
  const computed = derived.get(asset);
  if (computed) return computed.window;
  const made = [...pipelines.values()].find(({ spec }) => spec.tables.some((table) => table.asset === asset));
  return made?.spec.window ?? UNDECLARED;
}

/** By whoever made it: a pipeline, or the derived asset itself. */
function describePartition({ pipelines, derived }: Definitions, { pipeline, start }: PartitionRef): Described {
  const computed = derived.get(pipeline as string as AssetKey);
  const window = computed ? computed.window : (pipelines.get(pipeline)?.spec.window ?? UNDECLARED);
  return { pipeline, partition: formatPartition(window, start) };
}

/** A run waits until its window is over and settled; then it runs. */
function attemptOf({ pipelines }: Definitions, { partition }: OpenRun, now: Instant): 'waiting' | 'running' {
  const spec = pipelines.get(partition.pipeline)?.spec;
  return spec !== undefined && windowOf(spec.window, partition.start).end + spec.settleMs > now ? 'waiting' : 'running';
}

function describeSources(surveys: StatusFacts['surveys']): StatusDocument['sources'] {
  return [...surveys].flatMap(([pipeline, { whole }]) => {
    if (!whole) return [];
    const { tally, beganAt } = whole;
    const surveyedAt = new Date(beganAt).toISOString();
    return [{ pipeline, objects: tally.objects, ofNoWindow: countStrays(tally), surveyedAt }];
  });
}
