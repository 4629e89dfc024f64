import type { Warehouse } from './open-warehouse.ts';
import { reachWarehouse } from './reach-warehouse.ts';
import { transact } from './transact.ts';

/** One day's trips, as `trips.daily_summary` has them. */
export interface TripDay {
  readonly summary_id: string;
  readonly pickup_date: string;
  readonly total_passenger_count: number;
  readonly total_distance: number;
  readonly total_fare: number;
  readonly avg_trip_distance: number | null;
  readonly avg_fare_amount: number | null;
}

const STATEMENT_TIMEOUT_MS = 5_000;

/** The summary of a day, `2025-02-01`; undefined where there is none. Reads in a transaction that cannot write. */
export function readTripDay(warehouse: Warehouse, pickupDate: string): Promise<TripDay | undefined> {
  return reachWarehouse(warehouse, (sql) =>
    transact(sql, async (tx) => {
      await tx`set transaction read only`;
      await tx`select set_config('statement_timeout', ${String(STATEMENT_TIMEOUT_MS)}, true)`;
      const [table] = await tx`select to_regclass('trips.daily_summary') is not null as exists`;
      if (table?.['exists'] !== true) return undefined;
      const [day] = await tx<TripDay[]>`
        select
          summary_id,
          pickup_date,
          total_passenger_count,
          total_distance,
          total_fare,
          avg_trip_distance,
          avg_fare_amount
        from trips.daily_summary
        where pickup_date = ${pickupDate}
        order by load_id desc
        limit 1
      `;
      return day;
    }),
  );
}

/** Throws a `WarehouseUnreachableError` or a `WarehouseRefusedError` where nothing can be read. */
export async function probeWarehouse(warehouse: Warehouse): Promise<void> {
  await reachWarehouse(warehouse, (sql) => sql`select 1`);
}
