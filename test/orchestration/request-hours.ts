import { requestBackfill } from '../../client/request-backfill.ts';
import type { BackfillAsked } from '../../model/backfill.ts';
import type { PipelineSpec } from '../../model/pipeline-spec.ts';
import { windowIndex } from '../../model/window.ts';
import type { Stack } from '../hour/open-stack.ts';

export interface RequestedHours extends Partial<Pick<BackfillAsked, 'only' | 'order' | 'width'>> {
  readonly id: string;
  /** The start of the first hour, and how many. */
  readonly from: number;
  readonly count: number;
}

/** Asks for a backfill of the stack's pipeline. */
export async function requestHours(
  { client, taskQueue }: Pick<Stack, 'client' | 'taskQueue'>,
  spec: PipelineSpec,
  { id, from, count, only = 'missing', order = 'oldest', width = 4 }: RequestedHours,
): Promise<void> {
  const first = windowIndex(spec.window, from);
  const asked = { from: first, to: first + count, only, order, width };
  await requestBackfill(client, { pipeline: spec.name, taskQueue, request: { id, asked } });
}
