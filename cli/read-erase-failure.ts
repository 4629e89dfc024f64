import type { Erasure } from '../warehouse/erasure.ts';
import { eraseWorkflowId } from '../model/workflow-id.ts';
import type { Servers } from './use-servers.ts';

/** Why the run of a request failed; undefined where it is done, waits or runs. Only Temporal knows what is being tried. */
export async function readEraseFailure(
  { temporal }: Pick<Servers, 'temporal'>,
  { id, state }: Pick<Erasure, 'id' | 'state'>,
): Promise<string | undefined> {
  if (state === 'done') return undefined;
  const { describeRun } = await import('../client/describe-run.ts');
  const run = await describeRun(temporal.client, eraseWorkflowId(id));
  if (run === undefined || run.state === 'running' || run.state === 'completed') return undefined;
  return run.failure ?? `Its run ended as ${run.state}.`;
}
