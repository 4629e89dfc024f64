import type { Command } from '../../command.ts';
import { UsageError } from '../../errors.ts';
import { useServers } from '../../use-servers.ts';
import { isRequestId } from './show.ts';
import type { ShowOptions } from './show.ts';

/** Starts a request's run, or once more where it failed: it goes on with what is still found, and waits for its day. */
export const resume: Command<ShowOptions> = async (context, { id }) => {
  const [{ readErasure }, { startErase }] = await Promise.all([
    import('../../../warehouse/read-erasures.ts'),
    import('../../../client/start-erase.ts'),
  ]);
  const state = await useServers(
    context,
    async ({ warehouse, temporal }) => {
      const erasure = isRequestId(id) ? await readErasure(warehouse.sql, id) : undefined;
      if (erasure && erasure.state !== 'done') {
        await startErase(temporal.client, { erasure: id, taskQueue: context.config.taskQueue });
      }
      return erasure?.state;
    },
    { worker: true },
  );
  if (!state) throw new UsageError(`There is no request "${id}". \`hourloom erase list\` shows those there are.`);
  const said = state === 'done' ? `${id} is done.` : `${id} goes on. Follow it with: hourloom erase show ${id}`;
  context.output.result({ id, state }, said);
};
