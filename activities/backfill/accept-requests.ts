import type { PipelineName } from '../../model/asset-key.ts';
import { clampWidth, isRequestId } from '../../model/backfill.ts';
import type { BackfillRequest } from '../../model/backfill.ts';
import { allowedWindows, makerOfTarget } from '../../model/backfill-target.ts';
import type { BackfillTarget } from '../../model/backfill-target.ts';
import { intersectRanges, uniteRanges } from '../../model/index-ranges.ts';
import { TerminalError } from '../../model/terminal-error.ts';
import { backfillWorkflowId } from '../../model/workflow-id.ts';
import { insertBackfill } from '../../warehouse/insert-backfill.ts';
import { listOpenBackfills } from '../../warehouse/list-backfills.ts';
import { planTarget } from '../../warehouse/plan-target.ts';
import { askHeld } from '../../warehouse/plan-pipeline.ts';
import { readBackfill } from '../../warehouse/read-backfill.ts';
import { updateBackfill } from '../../warehouse/update-backfill.ts';
import type { Dependencies } from '../dependencies.ts';
import { getTarget } from './get-target.ts';

export interface AcceptInput {
  /** The mailbox's: a pipeline, or a derived asset by its key. */
  readonly pipeline: PipelineName;
  readonly requests: readonly BackfillRequest[];
}

/** A request that can never be carried out, and why. */
export interface RefusedRequest {
  readonly id: string;
  readonly reason: string;
}

/**
 * Accepts each request once by its id and starts its backfill. What falls to it is what is planned for its range now,
 * without what open backfills of the same target have. Safe to repeat.
 */
export async function acceptRequests(
  dependencies: Pick<Dependencies, 'warehouse' | 'graph' | 'starter'>,
  { pipeline, requests }: AcceptInput,
): Promise<readonly RefusedRequest[]> {
  const target = getTarget(dependencies, pipeline);
  const refused: RefusedRequest[] = [];
  await closeAbandoned(dependencies, pipeline, new Set(requests.map(({ id }) => id)));
  for (const request of requests) {
    try {
      await accept(dependencies, target, request);
    } catch (error) {
      if (!(error instanceof TerminalError)) throw error;
      refused.push({ id: request.id, reason: error.message });
    }
  }
  return refused;
}

/** A request that is not as `client/request-backfill.ts` takes it. */
export class BadRequestError extends TerminalError {
  constructor(id: string) {
    super(`The request "${id}" has no id of letters, digits, ".", "_" and "-", or no range. Ask again with both.`);
    this.name = 'BadRequestError';
  }
}

async function accept(
  { warehouse, graph, starter }: Pick<Dependencies, 'warehouse' | 'graph' | 'starter'>,
  target: BackfillTarget,
  { id, asked }: BackfillRequest,
): Promise<void> {
  if (!isRequestId(id) || !(asked.from < asked.to)) throw new BadRequestError(id);
  const known = await readBackfill(warehouse.sql, id);
  if (known && known.state !== 'accepted') return;
  if (!known) {
    const now = Date.now();
    const ranges = intersectRanges(uniteRanges([asked]), uniteRanges([allowedWindows(target, now)]));
    const { planned } = await planTarget(warehouse.sql, graph, target, {
      ...{ ranges, only: asked.only, now },
      ...askHeld(asked),
    });
    await insertBackfill(warehouse, {
      id,
      pipeline: makerOfTarget(target),
      asked: { ...asked, width: clampWidth(asked.width) },
      ranges: uniteRanges(planned),
    });
  }
  await starter.startBackfill(id);
}

/** A backfill that was terminated could not say so: what it had is free again. The ones at hand are about to begin. */
async function closeAbandoned(
  { warehouse, starter }: Pick<Dependencies, 'warehouse' | 'starter'>,
  pipeline: PipelineName,
  atHand: ReadonlySet<string>,
): Promise<void> {
  for (const { id, counts } of await listOpenBackfills(warehouse.sql, pipeline)) {
    if (atHand.has(id) || (await starter.isOpen(backfillWorkflowId(id)))) continue;
    await updateBackfill(warehouse, id, { state: 'failed', counts });
  }
}
