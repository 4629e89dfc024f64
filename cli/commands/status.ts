import type { OpenRun } from '../../client/list-open-runs.ts';
import type { Definitions } from '../../define/definitions.ts';
import type { AssetKey } from '../../model/asset-key.ts';
import type { DerivedSpec } from '../../model/derived-spec.ts';
import { formatPartition, windowOf } from '../../model/window.ts';
import type { Instant, WindowKind } from '../../model/window.ts';
import type { PartitionRef } from '../../model/partition.ts';
import type { AssetSummary } from '../../warehouse/summarize-ledger.ts';
import { describeCheckResult, sayCheckResult } from '../describe-check-result.ts';
import type { CheckDocument } from '../describe-check-result.ts';
import type { Command } from '../command.ts';
import { formatTable } from '../format-table.ts';
import { openMachine } from '../open-machine.ts';

const MAX_LISTED = 50;

/** What is made, by the ledger; what is being tried, by Temporal; what failed last and was not mended since. */
export const status: Command = async (context) => {
  const definitions = await context.loadDefinitions();
  await using machine = openMachine(context);
  const [
    { listOpenRuns },
    { reachTemporal },
    { reachWarehouse },
    { summarizeLedger },
    { listFailures },
    { readCheckResults },
  ] = await Promise.all([
    import('../../client/list-open-runs.ts'),
    import('../../client/reach-temporal.ts'),
    import('../../warehouse/reach-warehouse.ts'),
    import('../../warehouse/summarize-ledger.ts'),
    import('../../warehouse/list-failures.ts'),
    import('../../warehouse/read-check-results.ts'),
  ]);
  await using warehouse = await machine.openWarehouse();
  const { summaries, failures, checks } = await reachWarehouse(warehouse, async (sql) => ({
    summaries: await summarizeLedger(sql),
    failures: await listFailures(sql, { limit: MAX_LISTED }),
    checks: await readCheckResults(sql, { failed: true, limit: MAX_LISTED }),
  }));
  await using connected = await machine.connectTemporal();
  const runs = await reachTemporal(connected, (client) => listOpenRuns(client, { limit: MAX_LISTED }));
  const now = Date.now();
  const document = {
    assets: describeAssets(definitions, summaries),
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
    checks: checks.map((result) => ({
      asset: result.asset,
      ...describeCheckResult({ window: windowOfAsset(definitions, result.asset) }, result),
    })),
  };
  context.output.result(document, writeStatus(document));
};

interface Described {
  readonly pipeline: string;
  readonly partition: string;
}

interface StatusDocument {
  readonly assets: readonly {
    readonly asset: string;
    readonly made: number;
    readonly empty: number;
    readonly rows: number;
    readonly quarantined: number;
    readonly newest: string | null;
  }[];
  readonly runs: readonly (Described & { readonly attempt: 'waiting' | 'running' })[];
  readonly failures: readonly (Described & { readonly reason: string })[];
  /** Those that failed, the newest first. */
  readonly checks: readonly (CheckDocument & { readonly asset: AssetKey })[];
}

/** Every declared asset, made or not. */
function describeAssets(
  { pipelines, derived }: Definitions,
  summaries: readonly AssetSummary[],
): StatusDocument['assets'] {
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

function writeStatus({ assets, runs, failures, checks }: StatusDocument): string {
  const parts = [
    formatTable([
      ['asset', 'made', 'empty', 'rows', 'quarantined', 'newest'],
      ...assets.map(({ asset, made, empty, rows, quarantined, newest }) => [
        asset,
        made,
        empty,
        rows,
        quarantined,
        newest,
      ]),
    ]),
  ];
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
