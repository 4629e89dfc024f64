import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { OutageError } from '../../model/outage-error.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { refuseForeignHosts } from './refuse-foreign-hosts.ts';
import { healthRoute } from './health-route.ts';
import { OPEN_API } from './open-api.ts';
import { tripsRoute } from './trips-route.ts';

export interface AppDependencies {
  readonly warehouse: Warehouse;
  /** Told of what nobody foresaw; who asked hears only that something failed. */
  readonly onError?: (error: unknown) => void;
}

/** All routes. They read; nothing that is asked here changes anything. */
export function createApp({ warehouse, onError }: AppDependencies): Hono {
  const app = new Hono();
  app.use(refuseForeignHosts);
  app.use(secureHeaders({ contentSecurityPolicy: { defaultSrc: ["'none'"] } }));
  app.on(['POST', 'PUT', 'PATCH', 'DELETE'], '*', (context) => {
    context.header('allow', 'GET, HEAD');
    return context.json({ error: 'This API only reads. Ask with GET.' }, 405);
  });
  app.route('/', healthRoute(warehouse));
  app.route('/', tripsRoute(warehouse));
  app.get('/openapi.json', (context) => context.json(OPEN_API));
  app.notFound((context) =>
    context.json({ error: `There is nothing at ${context.req.path}. /openapi.json says what there is.` }, 404),
  );
  app.onError((error, context) => {
    if (error instanceof OutageError) return context.json({ error: 'The warehouse cannot be reached.' }, 503);
    onError?.(error);
    return context.json({ error: 'Something failed here. The server’s log says what.' }, 500);
  });
  return app;
}
