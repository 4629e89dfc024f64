import type { OpenRun } from '../client/list-open-runs.ts';
import type { AssetKey, PipelineName } from '../model/asset-key.ts';
import type { AssetGraph } from '../model/graph.ts';
import type { Health } from '../model/health.ts';
import type { Surveys } from '../model/survey.ts';
import type { Instant } from '../model/window.ts';
import type { OpenErasures } from '../warehouse/count-open-erasures.ts';
import type { LastFailure } from '../warehouse/list-failures.ts';
import type { KeptCheckResult } from '../warehouse/read-check-results.ts';
import type { WaitingAlerts } from '../warehouse/read-waiting-alerts.ts';
import type { AssetSummary } from '../warehouse/summarize-ledger.ts';
import { readHealth } from './read-health.ts';
import type { Servers } from './use-servers.ts';

/** All that is known of everything at one moment: what is made, by the ledger; what is tried, by Temporal. */
export interface StatusFacts {
  readonly now: Instant;
  readonly summaries: readonly AssetSummary[];
  readonly healths: ReadonlyMap<AssetKey, Health>;
  readonly runs: readonly OpenRun[];
  readonly failures: readonly LastFailure[];
  /** Those that failed. */
  readonly checks: readonly KeptCheckResult[];
  readonly surveys: ReadonlyMap<PipelineName, Surveys>;
  readonly alerts: WaitingAlerts | undefined;
  readonly erasures: OpenErasures;
}

const MAX_LISTED = 50;

/** Asks ledger and Temporal: a few statements for all assets and four for the health of each, whatever their history. */
export async function gatherStatus(
  servers: Servers,
  graph: AssetGraph,
  pipelines: readonly PipelineName[],
): Promise<StatusFacts> {
  const [
    { listOpenRuns },
    { summarizeLedger },
    { listFailures },
    { readSurveys },
    { readWaitingAlerts },
    { readCheckResults },
    { countOpenErasures },
  ] = await Promise.all([
    import('../client/list-open-runs.ts'),
    import('../warehouse/summarize-ledger.ts'),
    import('../warehouse/list-failures.ts'),
    import('../warehouse/read-surveys.ts'),
    import('../warehouse/read-waiting-alerts.ts'),
    import('../warehouse/read-check-results.ts'),
    import('../warehouse/count-open-erasures.ts'),
  ]);
  const { sql } = servers.warehouse;
  const now = Date.now();
  const nodes = [...graph.values()];
  const [summaries, failures, checks, alerts, erasures, runs, surveys, healths] = await Promise.all([
    summarizeLedger(sql),
    listFailures(sql, { limit: MAX_LISTED }),
    readCheckResults(sql, { failed: true, limit: MAX_LISTED }),
    readWaitingAlerts(sql),
    countOpenErasures(sql, now),
    listOpenRuns(servers.temporal.client, { limit: MAX_LISTED }),
    Promise.all(pipelines.map(async (name) => [name, await readSurveys(sql, name)] as const)),
    readHealth(servers, graph, nodes, now),
  ]);
  const healthOf = nodes.flatMap(({ key }, index) => {
    const health = healths[index];
    return health ? [[key, health] as const] : [];
  });
  const byName = { surveys: new Map(surveys), healths: new Map(healthOf) };
  return { now, summaries, failures, checks, alerts, erasures, runs, ...byName };
}
