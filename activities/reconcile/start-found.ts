import { cancellationSignal } from '@temporalio/activity';
import { getDerived, getPipeline } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';
import type { FoundWork } from './find-to-reconcile.ts';

/**
 * Starts what reconcile found, through the same door as everybody else: a window whose run is open is left to that run.
 * Its steps give way to live ones, of which there may be many to wait for after a long outage.
 */
export async function startFound(
  { starter, pipelines, graph }: Pick<Dependencies, 'starter' | 'pipelines' | 'graph'>,
  { pipeline, hours, derived }: FoundWork,
): Promise<void> {
  const { window } = getPipeline({ pipelines }, pipeline).spec;
  const signal = cancellationSignal();
  for (const start of hours) {
    signal.throwIfAborted();
    await starter.startHour(window, { pipeline, start }, { backfill: true });
  }
  for (const { asset, start } of derived) {
    signal.throwIfAborted();
    await starter.signalDerive(getDerived({ graph }, asset), start);
  }
}
