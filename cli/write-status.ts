import { sayCheckResult } from './describe-check-result.ts';
import { sayErasures } from './describe-erasures.ts';
import type { StatusDocument } from './describe-status.ts';
import { formatTable } from './format-table.ts';

/** The state of everything, for people: assets always, the rest where there is any. */
export function writeStatus({ assets, alerts, runs, failures, sources, erasures, checks }: StatusDocument): string {
  const ill = assets.filter(({ health }) => health.state === 'warning' || health.state === 'failing');
  const strays = sources.filter(({ ofNoWindow }) => ofNoWindow > 0);
  return [
    formatTable([
      ['asset', 'made', 'empty', 'rows', 'quarantined', 'newest', 'health'],
      ...assets.map(({ asset, made, empty, rows, quarantined, newest, health }) => [
        ...[asset, made, empty, rows, quarantined, newest, health.state],
      ]),
    ]),
    ...formatSome(
      ['health', 'why'],
      ill.map(({ asset, health }) => [`${asset} ${health.state}`, health.why]),
    ),
    ...(alerts
      ? [`${alerts.waiting} alerts wait since ${alerts.since}: the webhook did not take them; ${alerts.problem}.`]
      : []),
    ...formatSome(
      ['open run', 'attempt'],
      runs.map((run) => [`${run.pipeline} ${run.partition}`, run.attempt]),
    ),
    ...formatSome(
      ['failed', 'why'],
      failures.map((each) => [`${each.pipeline} ${each.partition}`, each.reason]),
    ),
    ...strays.map(({ pipeline, ofNoWindow }) => {
      const objects = ofNoWindow === 1 ? '1 object' : `${ofNoWindow} objects`;
      return `${objects} of the source of ${pipeline} in no window: hourloom source ${pipeline}`;
    }),
    ...[sayErasures(erasures)].filter((said) => said !== undefined),
    ...formatSome(
      ['check', 'result', 'found'],
      checks.map((check) => [
        ...[`${check.asset} ${check.partition}`, sayCheckResult(check), `${check.name}: ${check.detail}`],
      ]),
    ),
  ].join('\n\n');
}

function formatSome(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return rows.length === 0 ? [] : [formatTable([head, ...rows])];
}
