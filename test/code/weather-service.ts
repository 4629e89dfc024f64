import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface WeatherServiceOptions {
  readonly stations: readonly string[];
  /** Answers 404 for this one, and quotes the request's key in it. */
  readonly broken?: string;
  /** Answers 503 to its first request. */
  readonly shaky?: string;
  /** More requests within a second are answered 429, to come again after a second. */
  readonly perSecond: number;
}

/** A service that is strict about its rate, on loopback. */
export async function openWeatherService({ stations, broken, shaky, perSecond }: WeatherServiceOptions) {
  /** When requests came, and what was answered. */
  const asked: { readonly at: number; readonly status: number }[] = [];
  let hasShaken = false;
  const answer = (path: string, key: string): { readonly status: number; readonly body: unknown } => {
    const now = performance.now();
    if (key !== 'Bearer sun-and-rain') return { status: 401, body: 'no key' };
    if (asked.filter(({ at }) => now - at < 1_000).length >= perSecond) return { status: 429, body: 'slow down' };
    const station = /^\/stations\/(\w+)\//u.exec(path)?.[1];
    if (station === undefined) return { status: 200, body: stations };
    if (station === broken) return { status: 404, body: `not for ${key}` };
    if (station === shaky && !hasShaken) {
      hasShaken = true;
      return { status: 503, body: 'later' };
    }
    const at = new URL(path, 'http://localhost').searchParams.get('hour');
    const celsius = Number(station.slice(1)) / 2;
    return { status: 200, body: [{ station, at, celsius }] };
  };
  const server = createServer(({ url = '', headers }, response) => {
    const { status, body } = answer(url, headers.authorization ?? '');
    asked.push({ at: performance.now(), status });
    response.writeHead(status, status === 429 ? { 'retry-after': '1' } : {}).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
