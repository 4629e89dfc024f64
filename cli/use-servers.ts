import type { ConnectedClient } from '../client/connect-client.ts';
import type { Warehouse } from '../warehouse/open-warehouse.ts';
import type { CommandContext } from './command.ts';
import { openMachine } from './open-machine.ts';
import type { OpenMachine } from './open-machine.ts';

/** What a command that asks about windows talks to, for as long as it works. */
export interface Servers {
  readonly warehouse: Warehouse;
  readonly temporal: ConnectedClient;
}

/** Opens the warehouse for `work` and closes it after. Says in one sentence when it could not be reached. */
export async function useWarehouse<T>(
  context: CommandContext,
  work: (warehouse: Warehouse, machine: Pick<OpenMachine, 'openLake'>) => Promise<T>,
): Promise<T> {
  await using machine = openMachine(context);
  const { reachWarehouse } = await import('../warehouse/reach-warehouse.ts');
  await using warehouse = await machine.openWarehouse();
  return await reachWarehouse(warehouse, () => work(warehouse, machine));
}

/** Opens Temporal for `work`, with a worker up that does what is asked for, and closes it after. */
export async function useTemporal<T>(
  context: CommandContext,
  work: (temporal: ConnectedClient) => Promise<T>,
): Promise<T> {
  await using machine = openMachine(context);
  await machine.ensureWorker();
  const { reachTemporal } = await import('../client/reach-temporal.ts');
  await using temporal = await machine.connectTemporal();
  return await reachTemporal(temporal, () => work(temporal));
}

/** Opens warehouse and Temporal for `work`, and closes both after. `worker` sees to it that what is asked for is done. */
export async function useServers<T>(
  context: CommandContext,
  work: (servers: Servers) => Promise<T>,
  { worker = false }: { readonly worker?: boolean } = {},
): Promise<T> {
  await using machine = openMachine(context);
  if (worker) await machine.ensureWorker();
  const [{ reachTemporal }, { reachWarehouse }] = await Promise.all([
    import('../client/reach-temporal.ts'),
    import('../warehouse/reach-warehouse.ts'),
  ]);
  await using warehouse = await machine.openWarehouse();
  await using temporal = await machine.connectTemporal();
  return await reachWarehouse(warehouse, () => reachTemporal(temporal, () => work({ warehouse, temporal })));
}
