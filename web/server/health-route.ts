import { Hono } from 'hono';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { probeWarehouse } from '../../warehouse/read-trip-day.ts';

/** Whether this server can read what it serves. */
export function healthRoute(warehouse: Warehouse): Hono {
  return new Hono().get('/health', async (context) => {
    try {
      await probeWarehouse(warehouse);
      return context.json({ status: 'ok' });
    } catch {
      return context.json({ status: 'unavailable', error: 'The warehouse cannot be read.' }, 503);
    }
  });
}
