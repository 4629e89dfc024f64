import { Hono } from 'hono';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { readTripDay } from '../../warehouse/read-trip-day.ts';

/** One day's trips. */
export function tripsRoute(warehouse: Warehouse): Hono {
  return new Hono().get('/trips', async (context) => {
    const [pickupDate, ...others] = context.req.queries('pickup_date') ?? [];
    if (pickupDate === undefined) return context.json({ error: 'Say which day: /trips?pickup_date=2025-02-01' }, 400);
    if (others.length > 0) return context.json({ error: 'pickup_date is said more than once. Say one day.' }, 400);
    if (!isDay(pickupDate))
      return context.json({ error: 'pickup_date is no day. Write it as 2025-02-01: year, month, day.' }, 400);
    const day = await readTripDay(warehouse, pickupDate);
    return day
      ? context.json(day)
      : context.json({ error: `There are no trips of ${pickupDate}: none were told, or its month is not made.` }, 404);
  });
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/u.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  // Date.parse takes 30 February as 2 March.
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 10) === text;
}
