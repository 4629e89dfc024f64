import { activityInfo, heartbeat } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';

/** Well under the 12 s after which a silent worker is taken for dead. */
const BEAT_MS = 3_000;

/**
 * Lets every activity that has a heartbeat timeout tell that its worker lives, and hear that it was cancelled. Waiting
 * on foreign servers is bounded by the timeouts of their clients, not by this.
 */
export const beatWhileRunning: ActivityInboundCallsInterceptor = {
  async execute(input, next) {
    const { heartbeatTimeoutMs } = activityInfo();
    if (heartbeatTimeoutMs === undefined || heartbeatTimeoutMs === 0) return next(input);
    const timer = setInterval(() => heartbeat(), BEAT_MS);
    try {
      return await next(input);
    } finally {
      clearInterval(timer);
    }
  },
};
