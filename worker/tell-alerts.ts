import { setTimeout as wait } from 'node:timers/promises';
import type { WebhookConfig } from '../config/read-config.ts';
import { claimAlerts } from '../warehouse/claim-alerts.ts';
import type { ClaimedAlert } from '../warehouse/claim-alerts.ts';
import type { Warehouse } from '../warehouse/open-warehouse.ts';
import { postponeAlert, settleAlert } from '../warehouse/settle-alert.ts';
import type { Log } from './create-log.ts';
import { postAlert } from './post-alert.ts';

/** How often a worker looks for alerts: one read of an index that is almost always empty. */
const LOOK_EVERY_MS = 5_000;
/** Sent at once; what there is more of comes with the next look. */
const AT_ONCE = 20;
/** Longer than a try can last, so that nobody else makes it meanwhile. */
const HOLD_MS = 60_000;

export interface AlertTeller {
  /** Lets what is being sent end, or gives it up: the claim ends by itself, and another worker sends it. */
  stop(): Promise<void>;
}

export interface TellOptions {
  readonly lookEveryMs?: number;
}

/**
 * Tells changes of health to webhooks, for as long as the worker runs. It stands apart from the hours: what a receiver
 * does not take waits in the warehouse, longer after each try, and holds up nothing. At least once; each try has the same id.
 */
export function tellAlerts(
  warehouse: Warehouse,
  { url, byPipeline }: WebhookConfig,
  log: Pick<Log, 'warn'>,
  { lookEveryMs = LOOK_EVERY_MS }: TellOptions = {},
): AlertTeller {
  if (url === undefined && byPipeline.size === 0) return { stop: () => Promise.resolve() };
  const stopping = new AbortController();
  const { signal } = stopping;
  const groups = url === undefined ? [...byPipeline.keys()] : undefined;
  const urlOf = ({ asset }: ClaimedAlert): string | undefined => byPipeline.get(asset.split('/')[0] ?? '') ?? url;

  const tell = async (alert: ClaimedAlert): Promise<void> => {
    const to = urlOf(alert);
    const problem = to === undefined ? 'there is no webhook for it' : await postAlert(to, alert, signal);
    if (problem === undefined) return settleAlert(warehouse.sql, alert);
    if (signal.aborted) return;
    log.warn({ alert: alert.id, attempts: alert.attempts, problem }, 'an alert was not taken');
    await postponeAlert(warehouse.sql, alert, problem);
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        const alerts = await claimAlerts(warehouse.sql, { groups, limit: AT_ONCE, holdMs: HOLD_MS });
        await Promise.all(alerts.map(tell));
      } catch (error) {
        log.warn({ err: error }, 'alerts could not be looked for');
      }
      await wait(lookEveryMs, undefined, { signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
