import type { MiddlewareHandler } from 'hono';

const OWN_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/iu;

/**
 * Answers those only who call this server by its own name. It listens on loopback alone, but a page in a browser can ask
 * it under a name of its own that leads here; its Host header gives that away.
 */
export const refuseForeignHosts: MiddlewareHandler = async (context, next) => {
  if (OWN_HOST.test(context.req.header('host') ?? '')) return next();
  return context.json({ error: 'This server answers to 127.0.0.1 and localhost only.' }, 403);
};
