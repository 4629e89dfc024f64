import type { Client } from '@temporalio/client';
import type { DerivedSpec } from '../model/derived-spec.ts';
import type { Instant } from '../model/window.ts';
import { DERIVE_WORKFLOW_TYPE, deriveWorkflowId } from '../model/workflow-id.ts';
import type { derive } from '../workflows/derive.ts';

export interface SignalDeriveOptions {
  readonly derived: Pick<DerivedSpec, 'asset' | 'window'>;
  readonly start: Instant;
  readonly taskQueue: string;
}

/** Has a partition of a derived asset computed: begins a run, or sends the one that is open round again. */
export async function signalDerive(client: Client, { derived, start, taskQueue }: SignalDeriveOptions): Promise<void> {
  await client.workflow.signalWithStart<typeof derive>(DERIVE_WORKFLOW_TYPE, {
    taskQueue,
    workflowId: deriveWorkflowId(derived, start),
    args: [{}],
    signal: 'inputMade',
  });
}
