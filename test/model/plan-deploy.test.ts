import { describe, expect, test } from 'vitest';
import type { AssetCode } from '../../model/asset-code.ts';
import { listAssetCode } from '../../model/asset-code.ts';
import { buildGraph } from '../../model/graph.ts';
import type { IndexRange } from '../../model/index-ranges.ts';
import type { DerivedSpec } from '../../model/derived-spec.ts';
import type { PipelineSpec } from '../../model/pipeline-spec.ts';
import { planDeploy } from '../../model/plan-deploy.ts';
import type { DeployPlan } from '../../model/plan-deploy.ts';
import type { MadeRange } from '../../model/plan.ts';
import { windowIndex } from '../../model/window.ts';
import { assetKey, DAYS, derivedSpec, HOURS, pipelineSpec, utc, version } from './specs.ts';

const RIDES = pipelineSpec('rides', ['trip', 'place']);
const DAILY = derivedSpec('rides/daily', DAYS, { 'rides/trip': { kind: 'within' } });
const DEPLOYED = listAssetCode(buildGraph([RIDES], [DAILY]));

/** A hundred days after the first hour; the lateness window is the last day of them. */
const NOW = HOURS.first + 100 * 86_400_000;
const FIRST = windowIndex(HOURS, HOURS.first);
const FIRST_DAY = windowIndex(DAYS, utc('2019-06-01T00:00:00Z'));
const hours = (from: number, to: number): IndexRange => ({ from: FIRST + from, to: FIRST + to });
const days = (from: number, to: number): IndexRange => ({ from: FIRST_DAY + from, to: FIRST_DAY + to });

/** All assets of the pipeline, made over these hours, and the days of them. */
const made = (range: IndexRange, dayRange: IndexRange): readonly MadeRange[] => [
  { asset: RIDES.events.asset, codeVersion: RIDES.events.codeVersion, ...range },
  ...RIDES.tables.map(({ asset, codeVersion }) => ({ asset, codeVersion, ...range })),
  { asset: DAILY.asset, codeVersion: DAILY.table.codeVersion, ...dayRange },
];
/** 2,400 hours, of which reconcile lists the last 24 that are settled, and the days that they lie in. */
const WHOLE = made(hours(0, 2_400), days(0, 101));

function planOf(
  pipeline: PipelineSpec,
  derived: readonly DerivedSpec[],
  { deployed = DEPLOYED, ledger = WHOLE }: { deployed?: readonly AssetCode[]; ledger?: readonly MadeRange[] } = {},
): DeployPlan {
  return planDeploy({ graph: buildGraph([pipeline], derived), deployed, made: ledger, now: NOW });
}

function assetOf({ assets }: DeployPlan, key: string) {
  return assets.find(({ asset }) => asset === key);
}

function changed(name: string, more: object = {}): PipelineSpec {
  return {
    ...RIDES,
    tables: RIDES.tables.map((table) =>
      table.name === name ? { ...table, codeVersion: version('2'), ...more } : table,
    ),
  };
}

const UNTOUCHED = { stale: [], fill: [], byItself: [], waiting: [], needsSource: false, derived: [] };

describe('a deploy', () => {
  test('of the same definitions does nothing', () => {
    const plan = planOf(RIDES, [DAILY]);
    expect(plan.assets.map(({ change, stale, fill, follow }) => [change, stale, fill, follow])).toEqual(
      Array.from({ length: 4 }, () => ['same', [], [], []]),
    );
    expect(plan).toMatchObject({ pipelines: [{ pipeline: 'rides', ...UNTOUCHED }], gone: [] });
  });

  test('of a changed table makes it stale, and by itself the lateness window alone', () => {
    const code = { columns: [{ name: 'fare', type: 'bigint', nullable: true }] };
    const plan = planOf(changed('trip', { code }), [DAILY]);
    expect(assetOf(plan, 'rides/trip')).toMatchObject({
      ...{ change: 'changed', why: ['column fare is new (bigint null)'] },
      ...{ stale: [hours(0, 2_400)], fill: [], follow: [] },
    });
    expect(assetOf(plan, 'rides/place')).toMatchObject({ change: 'same', stale: [] });
    expect(assetOf(plan, 'rides/daily')).toMatchObject({ change: 'same', stale: [], follow: [days(0, 101)] });
    expect(plan.pipelines).toEqual([
      {
        ...{ pipeline: 'rides', needsSource: false, derived: [], fill: [] },
        // The last hour has not settled: it is its schedule's.
        stale: [hours(0, 2_399)],
        byItself: [hours(2_376, 2_399)],
        waiting: [hours(0, 2_376)],
      },
    ]);
  });

  test('of a new table fills it where the merged object is there', () => {
    const plan = planOf(pipelineSpec('rides', ['trip', 'place', 'rating']), [DAILY]);
    expect(assetOf(plan, 'rides/rating')).toMatchObject({ change: 'new', why: [], made: [], fill: [hours(0, 2_400)] });
    expect(plan.pipelines).toMatchObject([
      { stale: [], fill: [hours(0, 2_399)], byItself: [hours(2_376, 2_399)], waiting: [hours(0, 2_376)] },
    ]);
  });

  test('of another way to read the source needs the source', () => {
    const other = { ...RIDES, events: { ...RIDES.events, codeVersion: version('f') } };
    expect(planOf(other, [DAILY]).pipelines).toMatchObject([{ needsSource: true, stale: [hours(0, 2_399)] }]);
  });

  test('of a changed or a new computed asset lets what reconcile does not see wait', () => {
    const other = { ...DAILY, table: { ...DAILY.table, codeVersion: version('2') } };
    const plan = planOf(RIDES, [other, derivedSpec('rides/yearly', undefined, { 'rides/daily': { kind: 'all' } })]);
    expect(assetOf(plan, 'rides/daily')).toMatchObject({ change: 'changed', stale: [days(0, 101)], follow: [] });
    // One whole: the next pass computes it.
    expect(assetOf(plan, 'rides/yearly')).toMatchObject({ change: 'new', made: [], fill: [{ from: 0, to: 1 }] });
    expect(plan.pipelines).toEqual([{ pipeline: 'rides', ...UNTOUCHED, derived: ['rides/daily'] }]);
  });

  test('names what was deployed and is not defined any more, and not the pipeline itself', () => {
    const whole = { asset: assetKey('rides'), codeVersion: version('a'), code: {}, functionDigest: undefined };
    const plan = planOf(pipelineSpec('rides', ['trip']), [DAILY], { deployed: [...DEPLOYED, whole] });
    expect(plan.gone).toEqual(['rides/place']);
  });

  test('of what was made before deploys were on record does not say what changed', () => {
    const plan = planOf(changed('trip'), [DAILY], { deployed: [] });
    expect(plan.assets.map(({ asset, change, why }) => [asset, change, why])).toEqual([
      ['rides/daily', 'unrecorded', []],
      ['rides/events', 'unrecorded', []],
      ['rides/place', 'unrecorded', []],
      ['rides/trip', 'unrecorded', []],
    ]);
    expect(assetOf(plan, 'rides/trip')?.stale).toEqual([hours(0, 2_400)]);
  });

  test('before anything was made only says what is new', () => {
    const plan = planOf(RIDES, [DAILY], { deployed: [], ledger: [] });
    expect(plan.assets.map(({ change, fill }) => [change, fill])).toEqual(Array.from({ length: 4 }, () => ['new', []]));
    expect(plan.pipelines).toEqual([{ pipeline: 'rides', ...UNTOUCHED }]);
  });
});
