import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import type { ErasureKeyConfig } from '../../../config/erasure-keys.ts';
import { ConfigurationError } from '../../../config/errors.ts';
import type { Definitions } from '../../../define/definitions.ts';
import { nextMorning } from '../../../model/erasure.ts';
import { hasPii } from '../../../model/pii-fields.ts';
import type { PipelineSpec } from '../../../model/pipeline-spec.ts';
import type { Command } from '../../command.ts';
import { UsageError } from '../../errors.ts';
import { findPipeline } from '../../find-pipeline.ts';
import { useServers } from '../../use-servers.ts';

export interface RequestOptions {
  readonly customerId?: string;
  readonly email?: string;
  readonly pipeline?: string;
  readonly now?: boolean;
}

/**
 * Asks for a person to be erased. What the person is known by leaves this process as keyed digests only: no server sees
 * it, and nothing that is kept tells it.
 */
export const request: Command<RequestOptions> = async (context, { customerId, email, pipeline, now }) => {
  const person = [
    ...(customerId === undefined ? [] : [{ kind: 'id' as const, value: customerId }]),
    ...(email === undefined ? [] : [{ kind: 'email' as const, value: email }]),
  ].filter(({ value }) => value.trim() !== '');
  if (person.length === 0) throw new UsageError('Say who: --customer-id, --email, or both.');
  const { config } = context;
  const [given] = config.erasureKeys;
  if (!given && config.databaseUrl !== undefined) throw new ConfigurationError(NO_KEY);
  const chosen = choosePipelines(await context.loadDefinitions(), pipeline);
  const pipelines = chosen.map(({ name }) => name);
  const [{ insertErasure }, { startErase }] = await Promise.all([
    import('../../../warehouse/insert-erasure.ts'),
    import('../../../client/start-erase.ts'),
  ]);
  const id = randomUUID();
  const zones = chosen.map(({ zone }) => zone);
  const executeAt = now === true ? Date.now() : nextMorning(zones, Date.now());
  await useServers(
    context,
    async ({ warehouse, temporal }) => {
      const key = given ?? (await readMachineKey(config.folder));
      await insertErasure(warehouse.sql, { id, pipelines, person, key, executeAt, actor: userInfo().username });
      await startErase(temporal.client, { erasure: id, taskQueue: config.taskQueue });
    },
    { worker: true },
  );
  const when = now === true ? 'now' : `from ${new Date(executeAt).toISOString()} on`;
  context.output.result(
    { id, pipelines, executeAt: new Date(executeAt).toISOString() },
    `Asked for: ${id}, in ${pipelines.join(', ')}, ${when}. See what is found first with: hourloom erase show ${id}`,
  );
};

const NO_KEY =
  'HOURLOOM_ERASURE_KEY is not set. Make one with export HOURLOOM_ERASURE_KEY="2026:$(openssl rand -hex 32)" and keep it as ' +
  'long as the data. Workers need the same.';

/** The machine's worker has one of its own where nobody gave another. */
async function readMachineKey(folder: string): Promise<ErasureKeyConfig> {
  const [{ readErasureKey }, { readErasureKeys }] = await Promise.all([
    import('../../../local/erasure-environment.ts'),
    import('../../../config/erasure-keys.ts'),
  ]);
  const [key] = readErasureKeys({ HOURLOOM_ERASURE_KEY: await readErasureKey(folder) });
  if (!key) throw new ConfigurationError(NO_KEY);
  return key;
}

/** The one that is named, or all that have to do with persons. */
function choosePipelines(definitions: Definitions, name: string | undefined): readonly PipelineSpec[] {
  const asked = name === undefined ? [...definitions.pipelines.values()] : [findPipeline(definitions, name)];
  const found = asked.map(({ spec }) => spec).filter(hasPii);
  if (found.length > 0) return found;
  throw new UsageError(
    `${name ?? 'Every pipeline'} says of none of its fields that they tell of persons. Mark them with person(), direct() and quasi().`,
  );
}
