import type { BackfillItem } from '../../model/backfill.ts';
import type { BackfillTarget } from '../../model/backfill-target.ts';
import type { DerivedRanges } from '../../model/find-reached.ts';
import type { DescribedPipeline, HourInput } from '../../model/hour-run.ts';
import type { DerivedNode } from '../../model/graph.ts';
import { countWindows, intersectRanges, listIndexes, timeOf } from '../../model/index-ranges.ts';
import type { IndexRanges } from '../../model/index-ranges.ts';
import { derivedPartition, WHOLE_START } from '../../model/partition.ts';
import type { PipelineSpec } from '../../model/pipeline-spec.ts';
import { listPlanned } from '../../model/plan.ts';
import type { BackfillOnly, PlannedWindow } from '../../model/plan.ts';
import { takeWindows } from '../../model/take-windows.ts';
import { formatPartition, windowAt } from '../../model/window.ts';
import { DERIVE_WORKFLOW_TYPE, deriveWorkflowId, HOUR_WORKFLOW_TYPE, hourWorkflowId } from '../../model/workflow-id.ts';
import type { Backfill } from '../../warehouse/backfill.ts';
import { describeFor } from '../describe-pipeline.ts';
import { readFailedRanges } from '../../warehouse/read-failed-ranges.ts';
import { askHeld, planPipeline } from '../../warehouse/plan-pipeline.ts';
import type { Dependencies } from '../dependencies.ts';
import { getBackfill } from './get-backfill.ts';
import { getTarget } from './get-target.ts';
import { planStages } from './plan-stages.ts';

export interface PageInput {
  readonly id: string;
  /** 0: what was asked for; from 1 on: the waves of derived assets after it. */
  readonly stage: number;
  /** How many windows of the stage were handed out before. */
  readonly offset: number;
  /** Only those that failed: what a retry asks for. */
  readonly onlyFailed: boolean;
}

/** A part of what a backfill makes. */
export interface Page {
  readonly items: readonly BackfillItem[];
  /** How far the stage is with this page; undefined where it was the last one. */
  readonly nextOffset: number | undefined;
}

/** Its items stay far below what a payload may hold. */
const PAGE_WINDOWS = 200;

/** The next runs of a backfill, as the ledger is now: windows that somebody else made in between are passed by quickly. */
export async function planPage(
  dependencies: Pick<Dependencies, 'warehouse' | 'graph'>,
  input: PageInput,
): Promise<Page> {
  const row = await getBackfill(dependencies, input.id);
  const target = getTarget(dependencies, row.pipeline);
  return input.stage === 0
    ? planAsked(dependencies, target, row, input)
    : planWave(planStages(dependencies, target, row)[input.stage - 1] ?? [], row, input);
}

async function planAsked(
  dependencies: Pick<Dependencies, 'warehouse' | 'graph'>,
  target: BackfillTarget,
  row: Backfill,
  input: PageInput,
): Promise<Page> {
  if (target.kind === 'pipeline') return planHours(dependencies, target.pipeline, row, input);
  const { order, only } = row.asked;
  const page = takeWindows(row.ranges, { order, offset: input.offset, limit: PAGE_WINDOWS });
  const failed = input.onlyFailed ? await readFailed(dependencies, target.node, page) : page;
  // One that failed may be good by the ledger: without force, its run would find nothing to do and leave it failed.
  const force = only === 'all' || only === 'failed';
  const items = [...listIndexes(failed, order)].map((index): BackfillItem => ({
    ...deriveItem(target.node, index, force),
    isAsked: true,
  }));
  return { items, nextOffset: nextOffset(row.ranges, input.offset) };
}

/** Of these partitions, those whose last run failed. */
async function readFailed(
  { warehouse }: Pick<Dependencies, 'warehouse'>,
  { key, window }: DerivedNode,
  page: IndexRanges,
): Promise<IndexRanges> {
  const [first, last] = [page[0], page.at(-1)];
  if (!first || !last) return [];
  const within = window
    ? timeOf(window, { from: first.from, to: last.to })
    : { start: WHOLE_START, end: WHOLE_START + 1 };
  const { pipeline } = derivedPartition(key, WHOLE_START);
  return intersectRanges(page, await readFailedRanges(warehouse.sql, { pipeline, window, within }));
}

async function planHours(
  { warehouse, graph }: Pick<Dependencies, 'warehouse' | 'graph'>,
  spec: PipelineSpec,
  { ranges, asked }: Backfill,
  { offset, onlyFailed }: PageInput,
): Promise<Page> {
  const { order, only } = asked;
  const page = takeWindows(ranges, { order, offset, limit: PAGE_WINDOWS });
  // What was planned is made, whatever it was planned for: hence `all`, which says of each window what it needs now.
  const wanted = onlyFailed ? 'failed' : 'all';
  const planned = await planPipeline(warehouse.sql, spec, { ranges: page, only: wanted, ...askHeld(asked) });
  const described = describeFor(graph, spec);
  const items = [...listPlanned(planned, order)].map((window) => hourItem(spec, described, window, only));
  return { items, nextOffset: nextOffset(ranges, offset) };
}

function hourItem(
  { name, window }: PipelineSpec,
  described: DescribedPipeline,
  planned: PlannedWindow,
  only: BackfillOnly,
): BackfillItem {
  const { start } = windowAt(window, planned.index);
  return {
    workflowType: HOUR_WORKFLOW_TYPE,
    workflowId: hourWorkflowId(window, { pipeline: name, start }),
    name: formatPartition(window, start),
    input: {
      announce: false,
      backfill: true,
      whole: true,
      described,
      ...(described.hasParquet === true ? { list: false } : {}),
      ...howToMake(planned, only),
    },
  };
}

/**
 * `all` is asked for by who trusts nothing that is there: it begins with the source. So does what failed though the
 * ledger has it, whose run would find nothing to do and leave it failed; and a window with files that could not be
 * used: of those there is nothing in the lake, and the listing may be the same.
 */
function howToMake({ fromTransform, reason }: PlannedWindow, only: BackfillOnly): Pick<HourInput, 'force' | 'from'> {
  const isLeftFailed = only === 'failed' && reason === 'failed';
  const isWithoutFiles = reason === 'quarantined' && !fromTransform;
  if (only === 'all' || isLeftFailed || isWithoutFiles) return { force: true };
  return fromTransform ? { from: 'transform' } : {};
}

function planWave(wave: readonly DerivedRanges[], { asked }: Backfill, { offset }: PageInput): Page {
  const { order, only } = asked;
  const items: BackfillItem[] = [];
  let passed = 0;
  for (const { node, ranges } of wave) {
    const limit = PAGE_WINDOWS - items.length;
    const page = takeWindows(ranges, { order, offset: Math.max(offset - passed, 0), limit });
    for (const index of listIndexes(page, order)) {
      items.push(deriveItem(node, index, only === 'all'));
    }
    passed += countWindows(ranges);
  }
  const total = wave.reduce((sum, { ranges }) => sum + countWindows(ranges), 0);
  const next = offset + items.length;
  return { items, nextOffset: next < total ? next : undefined };
}

function deriveItem(
  { key, window, derived }: DerivedNode,
  index: number,
  force: boolean,
): Extract<BackfillItem, { workflowType: 'derive' }> {
  const start = window ? windowAt(window, index).start : WHOLE_START;
  return {
    workflowType: DERIVE_WORKFLOW_TYPE,
    workflowId: deriveWorkflowId(derived, start),
    name: window ? `${key} ${formatPartition(window, start)}` : key,
    input: { announce: false, backfill: true, ...(force ? { force } : {}) },
  };
}

function nextOffset(ranges: IndexRanges, offset: number): number | undefined {
  const next = offset + PAGE_WINDOWS;
  return next < countWindows(ranges) ? next : undefined;
}
