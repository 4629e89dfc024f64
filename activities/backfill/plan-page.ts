import type { BackfillItem } from '../../model/backfill.ts';
import type { DerivedRanges } from '../../model/find-reached.ts';
import type { HourInput } from '../../model/hour-run.ts';
import { countWindows, listIndexes } from '../../model/index-ranges.ts';
import type { IndexRanges } from '../../model/index-ranges.ts';
import { WHOLE_START } from '../../model/partition.ts';
import type { PipelineSpec } from '../../model/pipeline-spec.ts';
import { listPlanned } from '../../model/plan.ts';
import type { BackfillOnly, PlannedWindow } from '../../model/plan.ts';
import { takeWindows } from '../../model/take-windows.ts';
import { formatPartition, windowAt } from '../../model/window.ts';
import { DERIVE_WORKFLOW_TYPE, deriveWorkflowId, HOUR_WORKFLOW_TYPE, hourWorkflowId } from '../../model/workflow-id.ts';
import type { Backfill } from '../../warehouse/backfill.ts';
import { askHeld, planPipeline } from '../../warehouse/plan-pipeline.ts';
import { getPipeline } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';
import { getBackfill } from './get-backfill.ts';
import { planStages } from './plan-stages.ts';

export interface PageInput {
  readonly id: string;
  /** 0: the hours; from 1 on: the waves of derived assets. */
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
  dependencies: Pick<Dependencies, 'warehouse' | 'pipelines' | 'graph'>,
  input: PageInput,
): Promise<Page> {
  const row = await getBackfill(dependencies, input.id);
  const { spec } = getPipeline(dependencies, row.pipeline);
  return input.stage === 0
    ? planHours(dependencies, spec, row, input)
    : planDerived(planStages(dependencies, spec, row)[input.stage - 1] ?? [], row, input);
}

async function planHours(
  { warehouse }: Pick<Dependencies, 'warehouse'>,
  spec: PipelineSpec,
  { ranges, asked }: Backfill,
  { offset, onlyFailed }: PageInput,
): Promise<Page> {
  const { order, only } = asked;
  if (only === 'derived') return { items: [], nextOffset: undefined };
  const page = takeWindows(ranges, { order, offset, limit: PAGE_WINDOWS });
  // What was planned is made, whatever it was planned for: hence `all`, which says of each window what it needs now.
  const wanted = onlyFailed ? 'failed' : 'all';
  const planned = await planPipeline(warehouse.sql, spec, { ranges: page, only: wanted, ...askHeld(asked) });
  const items = [...listPlanned(planned, order)].map((window) => hourItem(spec, window, only));
  return { items, nextOffset: nextOffset(ranges, offset) };
}

function hourItem({ name, window }: PipelineSpec, planned: PlannedWindow, only: BackfillOnly): BackfillItem {
  const { start } = windowAt(window, planned.index);
  return {
    workflowType: HOUR_WORKFLOW_TYPE,
    workflowId: hourWorkflowId(window, { pipeline: name, start }),
    name: formatPartition(window, start),
    input: {
      announce: false,
      backfill: true,
      ...howToMake(planned, only),
    },
  };
}

/**
 * `all` is asked for by who trusts nothing that is there: it begins with the source. So does a window with files that
 * could not be used: of those there is nothing in the lake, and the listing may be the same.
 */
function howToMake({ fromTransform, reason }: PlannedWindow, only: BackfillOnly): Pick<HourInput, 'force' | 'from'> {
  if (only === 'all' || (reason === 'quarantined' && !fromTransform)) return { force: true };
  return fromTransform ? { from: 'transform' } : {};
}

function planDerived(wave: readonly DerivedRanges[], { asked }: Backfill, { offset }: PageInput): Page {
  const { order, only } = asked;
  const items: BackfillItem[] = [];
  let passed = 0;
  for (const { node, ranges } of wave) {
    const limit = PAGE_WINDOWS - items.length;
    const page = takeWindows(ranges, { order, offset: Math.max(offset - passed, 0), limit });
    for (const index of listIndexes(page, order)) {
      const start = node.window ? windowAt(node.window, index).start : WHOLE_START;
      items.push({
        workflowType: DERIVE_WORKFLOW_TYPE,
        workflowId: deriveWorkflowId(node.derived, start),
        name: node.window ? `${node.key} ${formatPartition(node.window, start)}` : node.key,
        input: { announce: false, backfill: true, ...(only === 'all' ? { force: true } : {}) },
      });
    }
    passed += countWindows(ranges);
  }
  const total = wave.reduce((sum, { ranges }) => sum + countWindows(ranges), 0);
  const next = offset + items.length;
  return { items, nextOffset: next < total ? next : undefined };
}

function nextOffset(ranges: IndexRanges, offset: number): number | undefined {
  const next = offset + PAGE_WINDOWS;
  return next < countWindows(ranges) ? next : undefined;
}
