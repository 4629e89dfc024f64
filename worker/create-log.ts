import { DefaultLogger } from '@temporalio/worker';
import type { Logger } from '@temporalio/worker';
import { pino } from 'pino';
import type { Config } from '../config/read-config.ts';

export type Log = ReturnType<typeof createLog>;

/** One JSON line for each message, on stdout, with its time. */
export function createLog(level: Config['logLevel']) {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime });
}

/** Temporal's own messages into the same log. What it only informs about is for those who look for a bug. */
export function temporalLogger(log: Log): Logger {
  return new DefaultLogger(log.level === 'debug' ? 'DEBUG' : 'WARN', ({ level, message, meta }) => {
    const write = level === 'ERROR' ? 'error' : level === 'WARN' ? 'warn' : 'debug';
    log[write]({ ...meta }, message);
  });
}
