import type { Garbage } from '../collect-garbage.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../errors.ts';
import { formatTable } from '../format-table.ts';
import { openMachine } from '../open-machine.ts';

export interface GcOptions {
  readonly yes?: boolean;
}

const YOUNG_MS = 24 * 3_600_000;
/** With more a backfill is under way, whose objects are not to be judged one by one. */
const MAX_OPEN_RUNS = 10_000;

/** Says which objects of the lake nothing needs any more; with `--yes` they are deleted. */
export const gc: Command<GcOptions> = async (context, { yes: isToDelete = false }) => {
  const { pipelines } = await context.loadDefinitions();
  await using machine = openMachine(context);
  const [{ collectGarbage }, { listOpenRuns }, { reachTemporal }, { reachWarehouse }] = await Promise.all([
    import('../collect-garbage.ts'),
    import('../../client/list-open-runs.ts'),
    import('../../client/reach-temporal.ts'),
    import('../../warehouse/reach-warehouse.ts'),
  ]);
  await using warehouse = await machine.openWarehouse();
  await using lake = await machine.openLake();
  await using temporal = await machine.connectTemporal();
  const openWindows = async () => {
    const runs = await listOpenRuns(temporal.client, { limit: MAX_OPEN_RUNS });
    if (runs.length < MAX_OPEN_RUNS) return runs.map(({ partition }) => partition);
    throw new UsageError(`${MAX_OPEN_RUNS} runs are open. Collect when the backfill is done: hourloom backfill list`);
  };
  const before = Date.now() - YOUNG_MS;
  const found: Garbage[] = [];
  await reachWarehouse(warehouse, () =>
    reachTemporal(temporal, async () => {
      for (const { spec } of pipelines.values()) {
        const collecting = collectGarbage(spec, { lake, warehouse, before, openWindows, isToDelete });
        for await (const garbage of collecting) found.push(garbage);
      }
    }),
  );
  const objects = found.reduce((sum, each) => sum + each.objects, 0);
  const bytes = found.reduce((sum, each) => sum + each.bytes, 0);
  const uploads = found.reduce((sum, each) => sum + each.uploads, 0);
  const rows = found.map(({ prefix, ...each }) => [prefix, each.objects, each.bytes, each.uploads]);
  const table = formatTable([['folder', 'objects', 'bytes', 'uploads'], ...rows, ['all', objects, bytes, uploads]]);
  context.output.result({ deleted: isToDelete, objects, bytes, uploads, folders: found }, table);
  if (!isToDelete && objects + uploads > 0)
    context.output.note('Nothing was deleted. Delete these with: hourloom gc --yes');
};
