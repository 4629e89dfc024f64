import { describeError } from '../activities/make/describe-error.ts';
import { createRedact } from '../activities/make/redact.ts';

/** What is told of a promise that nobody waited for. */
export type TellRejection = (problem: string) => void;

/**
 * Keeps this process alive where a promise fails that nobody waits for: Node would end it, and every hour that it is
 * making. A function of a user's that asks for many things at once and stops at the first that fails leaves such promises.
 */
export function outliveRejections(secrets: ReadonlyMap<string, string>, tell: TellRejection): void {
  const redact = createRedact(secrets.values());
  process.on('unhandledRejection', (reason) => tell(redact(describeError(reason))));
}
