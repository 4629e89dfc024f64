import type { Alert } from '../model/alert.ts';

/** Whoever takes an alert has so long to say that it did. */
const TIMEOUT_MS = 10_000;

/** A user and a password inside an address. */
const CREDENTIALS = /\/\/[^/\s@]+@/gu;

/**
 * Sends one alert to a webhook; resolves with what went wrong, or with nothing when it was taken. What is said of the
 * answer never holds the address, which is a secret. A redirect is not followed: it could lead anywhere.
 */
export async function postAlert(url: string, alert: Alert, signal: AbortSignal): Promise<string | undefined> {
  const { id, asset, from, to, why, partition, at } = alert;
  const body = JSON.stringify({ id, asset, from, to, why: why.replaceAll(CREDENTIALS, '//***@'), partition, at });
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': id, 'user-agent': 'hourloom' },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    await response.body?.cancel();
    if (response.ok) return undefined;
    const { status } = response;
    return status >= 300 && status < 400
      ? `it answered with a redirect (${status}), which is not followed`
      : `it answered ${status}`;
  } catch (error) {
    return explain(error);
  }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return 'it cannot be reached';
  if (error.name === 'TimeoutError') return `it did not answer within ${TIMEOUT_MS / 1_000} seconds`;
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : error.name;
  return `it cannot be reached (${code})`;
}
