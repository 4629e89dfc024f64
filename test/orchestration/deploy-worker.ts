import { findDerived, findDerivedFunction } from '../../define/index.ts';
import type { Derived, Pipeline } from '../../define/index.ts';
import { ensureTables } from '../../warehouse/ensure-tables.ts';
import { createLog } from '../../worker/create-log.ts';
import { createWorker } from '../../worker/create-worker.ts';
import { registerCode } from '../../worker/register-code.ts';
import { bundleWorkflows, definitionOf } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { services } from '../support/services.ts';

/** Starts a worker with these definitions on the stack, as a deploy does: tables first, then the record of its code. */
export async function deployWorker(
  { lake, warehouse, taskQueue }: Stack,
  pipeline: Pipeline,
  declared: readonly Derived[] = [],
): Promise<{ stop(): Promise<void> }> {
  const definition = definitionOf(pipeline);
  const { spec } = definition;
  const derived = new Map(declared.flatMap((value) => findDerived(value) ?? []).map((each) => [each.asset, each]));
  const functions = new Map(
    declared.flatMap((value) => findDerivedFunction(value) ?? []).map((each) => [each.asset, each]),
  );
  await ensureTables(warehouse, [...spec.tables, ...[...derived.values()].map(({ table }) => table)]);
  const { worker, connection } = await createWorker({
    ...{ lake, warehouse, taskQueue, derived, functions },
    pipelines: new Map([[spec.name, definition]]),
    temporalAddress: services().temporalAddress,
    workflows: { workflowBundle: await bundleWorkflows() },
  });
  await registerCode(
    warehouse,
    { pipelines: new Map([[spec.name, { ...definition, sample: undefined }]]), derived },
    createLog('error'),
    { back: true },
  );
  const running = worker.run();
  return {
    async stop() {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}
