import type { OpenRun } from '../../client/list-open-runs.ts';
import type { Definitions } from '../../define/definitions.ts';
import type { AssetKey, PipelineName } from '../../model/asset-key.ts';
import type { DerivedSpec } from '../../model/derived-spec.ts';
import type { Health } from '../../model/health.ts';
import { formatPartition, windowOf } from '../../model/window.ts';
import type { Instant, WindowKind } from '../../model/window.ts';
import { countStrays } from '../../model/survey.ts';
import type { Surveys } from '../../model/survey.ts';
import type { PartitionRef } from '../../model/partition.ts';
import type { AssetSummary } from '../../warehouse/summarize-ledger.ts';
import { describeCheckResult, sayCheckResult } from '../describe-check-result.ts';
import type { CheckDocument } from '../describe-check-result.ts';
import { describeErasures, sayErasures } from '../describe-erasures.ts';
import type { ErasuresDocument } from '../describe-erasures.ts';
import type { Command } from '../command.ts';
import { graphOf } from '../find-asset.ts';
import { formatTable } from '../format-table.ts';
import { openMachine } from '../open-machine.ts';
import { readHealth } from '../read-health.ts';

const MAX_LISTED = 50;

/** What is made, by the ledger; what is being tried, by Temporal; what failed last and was not mended since. */
export const status: Command = async (context) => {
  const definitions = await context.loadDefinitions();
  const graph = graphOf(definitions);
  await using machine = openMachine(context);
  const [
    { listOpenRuns },
    { reachTemporal },
    { reachWarehouse },
    { summarizeLedger },
    { listFailures },
    { readSurveys },
    { readWaitingAlerts },
    { readCheckResults },
    { countOpenErasures },
  ] = await Promise.all([
    import('../../client/list-open-runs.ts'),
    import('../../client/reach-temporal.ts'),
    import('../../warehouse/reach-warehouse.ts'),
    import('../../warehouse/summarize-ledger.ts'),
    import('../../warehouse/list-failures.ts'),
    import('../../warehouse/read-surveys.ts'),
    import('../../warehouse/read-waiting-alerts.ts'),
    import('../../warehouse/read-check-results.ts'),
    import('../../warehouse/count-open-erasures.ts'),
  ]);
  await using warehouse = await machine.openWarehouse();
  const surveyed = [...definitions.pipelines.keys()];
  const { summaries, failures, surveys, checks, erasures } = await reachWarehouse(warehouse, async (sql) => ({
    summaries: await summarizeLedger(sql),
    failures: await listFailures(sql, { limit: MAX_LISTED }),
    surveys: await Promise.all(surveyed.map((pipeline) => readSurveys(sql, pipeline))),
    checks: await readCheckResults(sql, { failed: true, limit: MAX_LISTED }),
    erasures: await countOpenErasures(sql, Date.now()),
  }));
  await using connected = await machine.connectTemporal();
  const runs = await reachTemporal(connected, (client) => listOpenRuns(client, { limit: MAX_LISTED }));
  const now = Date.now();
  const nodes = [...graph.values()];
  const [healths, alerts] = await reachWarehouse(warehouse, (sql) =>
    Promise.all([readHealth({ warehouse, temporal: connected }, graph, nodes, now), readWaitingAlerts(sql)]),
  );
  const healthOf = new Map(nodes.map(({ key }, index) => [key, healths[index]]));
  const document = {
    assets: describeAssets(definitions, summaries).map((described) => ({
      ...described,
      health: healthOf.get(described.asset) ?? UNKNOWN,
    })),
    alerts: alerts
      ? { waiting: alerts.count, since: new Date(alerts.since).toISOString(), problem: alerts.problem }
      : null,
    runs: runs.map((run) => ({
      ...describePartition(definitions, run.partition),
      attempt: attemptOf(definitions, run, now),
      workflowId: run.workflowId,
    })),
    failures: failures.map(({ partition, reason, retryable, failedAt }) => ({
      ...describePartition(definitions, partition),
      reason,
      retryable,
      failedAt: new Date(failedAt).toISOString(),
    })),
    sources: describeSources(surveyed, surveys),
    erasures: describeErasures(erasures),
    checks: checks.map((result) => ({
      asset: result.asset,
      ...describeCheckResult({ window: windowOfAsset(definitions, result.asset) }, result),
    })),
  };
  context.output.result(document, writeStatus(document));
};

const UNKNOWN: Health = { state: 'unknown', why: 'Nobody looked.', partition: null };

interface Described {
  readonly pipeline: string;
  readonly partition: string;
}

interface StatusDocument {
  readonly assets: readonly (DescribedAsset & { readonly health: Health })[];
  /** Changes of health that no webhook took yet. */
  readonly alerts: { readonly waiting: number; readonly since: string; readonly problem: string } | null;
  readonly runs: readonly (Described & { readonly attempt: 'waiting' | 'running' })[];
  readonly failures: readonly (Described & { readonly reason: string })[];
  readonly erasures: ErasuresDocument;
  /** Those that failed, the newest first. */
  readonly checks: readonly (CheckDocument & { readonly asset: AssetKey })[];
  /** Of those that were surveyed; what is of no window, `hourloom source` lists. */
  readonly sources: readonly {
    readonly pipeline: string;
    readonly objects: number;
    readonly ofNoWindow: number;
    readonly surveyedAt: string;
  }[];
}

function describeSources(pipelines: readonly PipelineName[], surveys: readonly Surveys[]): StatusDocument['sources'] {
  return pipelines.flatMap((pipeline, index) => {
    const survey = surveys[index]?.whole;
    if (!survey) return [];
    const { tally, beganAt } = survey;
    const surveyedAt = new Date(beganAt).toISOString();
    return [{ pipeline, objects: tally.objects, ofNoWindow: countStrays(tally), surveyedAt }];
  });
}

interface DescribedAsset {
  readonly asset: AssetKey;
  readonly made: number;
  readonly empty: number;
  readonly rows: number;
  readonly quarantined: number;
  readonly newest: string | null;
}

/** Every declared asset, made or not. */
function describeAssets(
  { pipelines, derived }: Definitions,
  summaries: readonly AssetSummary[],
): readonly DescribedAsset[] {
  const declared: readonly Pick<DerivedSpec, 'asset' | 'window'>[] = [
    ...[...pipelines.values()].flatMap(({ spec }) =>
      [spec.events, ...spec.tables].map(({ asset }) => ({ asset, window: spec.window })),
    ),
    ...derived.values(),
  ];
  const made = new Map(summaries.map((summary) => [summary.asset, summary]));
  return declared.map(({ asset, window }) => {
    const summary = made.get(asset);
    if (!summary) return { asset, made: 0, empty: 0, rows: 0, quarantined: 0, newest: null };
    return { ...summary, newest: nameStart(window, summary.newest) };
  });
}

/** Of one that is not declared any more partitions are named to the second. */
function windowOfAsset({ pipelines, derived }: Definitions, asset: AssetKey): WindowKind | undefined {
  const computed = derived.get(asset);
  if (computed) return computed.window;
  const made = [...pipelines.values()].find(({ spec }) => spec.tables.some((table) => table.asset === asset));
  return made?.spec.window ?? { unit: 'every', ms: 1_000 };
}

/** Whoever made it: a pipeline, or the derived asset itself. One that is not declared any more is named to the second. */
function describePartition({ pipelines, derived }: Definitions, { pipeline, start }: PartitionRef): Described {
  const computed = derived.get(pipeline as string as AssetKey);
  const window = computed ? computed.window : (pipelines.get(pipeline)?.spec.window ?? { unit: 'every', ms: 1_000 });
  return { pipeline, partition: nameStart(window, start) };
}

function nameStart(window: WindowKind | undefined, start: Instant): string {
  return window ? formatPartition(window, start) : 'whole';
}

/** A run waits until its window is over and settled; then it runs. */
function attemptOf({ pipelines }: Definitions, { partition }: OpenRun, now: number): 'waiting' | 'running' {
  const spec = pipelines.get(partition.pipeline)?.spec;
  return spec !== undefined && windowOf(spec.window, partition.start).end + spec.settleMs > now ? 'waiting' : 'running';
}

function writeStatus({ assets, alerts, runs, failures, checks, sources, erasures }: StatusDocument): string {
  const parts = [
    formatTable([
      ['asset', 'made', 'empty', 'rows', 'quarantined', 'newest', 'health'],
      ...assets.map(({ asset, made, empty, rows, quarantined, newest, health }) => [
        asset,
        made,
        empty,
        rows,
        quarantined,
        newest,
        health.state,
      ]),
    ]),
  ];
  const ill = assets.filter(({ health }) => health.state === 'warning' || health.state === 'failing');
  if (ill.length > 0)
    parts.push(
      formatTable([['health', 'why'], ...ill.map(({ asset, health }) => [`${asset} ${health.state}`, health.why])]),
    );
  if (alerts)
    parts.push(
      `${alerts.waiting} alerts wait since ${alerts.since}: the webhook did not take them; ${alerts.problem}.`,
    );
  if (runs.length > 0)
    parts.push(
      formatTable([['open run', 'attempt'], ...runs.map((run) => [`${run.pipeline} ${run.partition}`, run.attempt])]),
    );
  if (failures.length > 0)
    parts.push(
      formatTable([
        ['failed', 'why'],
        ...failures.map((failure) => [`${failure.pipeline} ${failure.partition}`, failure.reason]),
      ]),
    );
  for (const { pipeline, ofNoWindow } of sources) {
    if (ofNoWindow === 0) continue;
    const objects = ofNoWindow === 1 ? '1 object' : `${ofNoWindow} objects`;
    parts.push(`${objects} of the source of ${pipeline} in no window: hourloom source ${pipeline}`);
  }
  parts.push(...[sayErasures(erasures)].filter((said) => said !== undefined));
  if (checks.length > 0)
    parts.push(
      formatTable([
        ['check', 'result', 'found'],
        ...checks.map((check) => [
          `${check.asset} ${check.partition}`,
          sayCheckResult(check),
          `${check.name}: ${check.detail}`,
        ]),
      ]),
    );
  return parts.join('\n\n');
}
