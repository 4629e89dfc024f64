import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createFetch, readRetryAfter } from '../../activities/make/create-fetch.ts';

/** What the server does with each request in turn; the last for all that follow. A status, or silence. */
let script: readonly (number | 'cut' | 'silence')[] = [];
let asked: string[] = [];
let said: string[] = [];

const server = createServer((request, response) => {
  const next = script[Math.min(asked.length, script.length - 1)];
  asked.push(request.method ?? '');
  if (next === 'cut') request.socket.destroy();
  else if (typeof next === 'number') response.writeHead(next, next === 429 ? { 'retry-after': '0' } : {}).end('body');
});
let base = '';
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  asked = [];
  said = [];
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function openFetch(signal: AbortSignal = new AbortController().signal) {
  return createFetch({
    pool: { take: async () => signal.throwIfAborted(), rest: async () => undefined },
    signal,
    log: (text) => void said.push(text),
  });
}

test('what a server cannot answer now is asked again, and said without what follows the path', async () => {
  script = [503, 'cut', 429, 200];
  const answer = await openFetch()(`${base}/a/b?key=secret`);
  expect([answer.status, await answer.text()]).toEqual([200, 'body']);
  expect(asked).toHaveLength(4);
  expect(said.map((text) => text.replace(/\d+ ms/u, '_ ms').replace(base, ''))).toEqual([
    'GET /a/b was answered 503; try 2 of 5 in _ ms',
    expect.stringMatching(/^GET \/a\/b was not answered \(fetch failed: .+\); try 3 of 5 in _ ms$/u),
    'GET /a/b was answered 429; try 4 of 5 in _ ms',
  ]);
});

test('an answer that stays bad is handed on after five tries', async () => {
  script = [429];
  expect((await openFetch()(base)).status).toBe(429);
  expect(asked).toHaveLength(5);
});

test('what a request may have changed is not asked twice, unless the server refused to look at it', async () => {
  script = [500];
  expect((await openFetch()(base, { method: 'POST', body: 'x' })).status).toBe(500);
  expect(asked).toEqual(['POST']);
  script = [500, 429, 201];
  expect((await openFetch()(base, { method: 'POST', body: 'x' })).status).toBe(201);
  expect(asked).toEqual(['POST', 'POST', 'POST']);
});

test('other answers are handed on at once, and so is an address that is none', async () => {
  script = [404];
  expect((await openFetch()(base)).status).toBe(404);
  expect(asked).toHaveLength(1);
  await expect(openFetch()('weather.example/stations')).rejects.toThrow(
    '"weather.example/stations" is no address. Write it whole: https://weather.example/stations.',
  );
});

test('the end of the attempt ends a request that waits, and a wait between two', async () => {
  script = ['silence'];
  const ending = new AbortController();
  const answer = openFetch(ending.signal)(base);
  await once(server, 'request');
  ending.abort(new Error('over'));
  await expect(answer).rejects.toThrow('over');

  script = [503];
  const second = new AbortController();
  const waiting = openFetch(second.signal)(base);
  while (said.length === 0) await new Promise((resolve) => setImmediate(resolve));
  second.abort(new Error('over'));
  await expect(waiting).rejects.toThrow('over');
});

test('Retry-After is seconds or a date', () => {
  const now = Date.parse('2026-02-03T04:00:00Z');
  expect(readRetryAfter('3', now)).toBe(3_000);
  expect(readRetryAfter('Tue, 03 Feb 2026 04:00:10 GMT', now)).toBe(10_000);
  expect(readRetryAfter('Tue, 03 Feb 2026 03:00:00 GMT', now)).toBe(0);
  expect([readRetryAfter('soon', now), readRetryAfter(null, now)]).toEqual([undefined, undefined]);
});
