import { requestBackfill } from '../../client/request-backfill.ts';
import type { BackfillAsked } from '../../model/backfill.ts';
import type { DerivedSpec } from '../../model/derived-spec.ts';
import { derivedPartition } from '../../model/partition.ts';
import type { PipelineSpec } from '../../model/pipeline-spec.ts';
import { windowIndex } from '../../model/window.ts';
import type { Stack } from '../hour/open-stack.ts';

export interface RequestedHours extends Partial<Omit<BackfillAsked, 'from' | 'to'>> {
  readonly id: string;
  /** The start of the first hour, and how many. */
  readonly from: number;
  readonly count: number;
}

/** Asks for a backfill of the stack's pipeline. */
export async function requestHours(
  { client, taskQueue }: Pick<Stack, 'client' | 'taskQueue'>,
  spec: Pick<PipelineSpec, 'name' | 'window'>,
  { id, from, count, only = 'missing', order = 'oldest', width = 4, ...bounds }: RequestedHours,
): Promise<void> {
  const first = windowIndex(spec.window, from);
  const asked = { from: first, to: first + count, only, order, width, ...bounds };
  await requestBackfill(client, { pipeline: spec.name, taskQueue, request: { id, asked } });
}

/** Asks for a backfill of a derived asset with windows. */
export async function requestDays(
  stack: Pick<Stack, 'client' | 'taskQueue'>,
  { asset, window }: Pick<DerivedSpec, 'asset' | 'window'>,
  asked: RequestedHours,
): Promise<void> {
  if (!window) throw new Error(`${asset} has no windows.`);
  await requestHours(stack, { name: derivedPartition(asset, asked.from).pipeline, window }, asked);
}
