import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DocumentsRefusedError, DocumentsUnreachableError } from '../../lake/document-errors.ts';
import { SourceChangedError } from '../../lake/errors.ts';
import { listPartition } from '../../lake/list-partition.ts';
import { readSource } from '../../lake/read-source.ts';
import type { HttpSourceSpec } from '../../model/pipeline-spec.ts';
import { openOwnLake } from './open-test-lake.ts';

const HOUR = { start: Date.UTC(2026, 0, 1, 5), end: Date.UTC(2026, 0, 1, 6) };

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server of documents that ends with the test, and its pipeline's source. */
async function serve(
  answer: Answer,
  pattern = '/{yyyy}/{MM}/{dd}/{HH}.csv',
): Promise<HttpSourceSpec & { base: string }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { kind: 'http', pattern, base, clockOffsetMinutes: 0 };
}

/** Answers with a document and these headers, to HEAD and GET alike. */
function document(body: string, headers: Readonly<Record<string, string>>): Answer {
  return (request, response) => {
    response.writeHead(200, headers);
    response.end(request.method === 'HEAD' ? undefined : body);
  };
}

function status(code: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return (_, response) => void response.writeHead(code, headers).end();
}

describe('listing documents', () => {
  test('asks for each address of the window, and lists those that are there', async () => {
    const asked: string[] = [];
    const source = await serve((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const there = request.url === '/20260101T0515.json' || request.url === '/20260101T0500.json';
      if (there) document('[]', { etag: '"v1"', 'content-length': '2' })(request, response);
      else status(request.url?.endsWith('30.json') ? 403 : 404)(request, response);
    }, '/{yyyy}{MM}{dd}T{HH}{mm}.json');
    const manifest = await listPartition(openOwnLake({}), source, HOUR);
    expect(manifest).toEqual({
      bucket: source.base,
      objects: [
        { key: '/20260101T0500.json', size: 2, etag: 'v1' },
        { key: '/20260101T0515.json', size: 2, etag: 'v1' },
      ],
      skipped: [],
      rejected: [],
    });
    expect(asked).toHaveLength(60);
  });

  test('a window whose documents are not there yet has none', async () => {
    expect((await listPartition(openOwnLake({}), await serve(status(404)), HOUR)).objects).toEqual([]);
  });

  test.each([
    ['its etag', { etag: 'W/"7"', 'content-length': '4' }, 'W/7'],
    [
      'its date',
      { 'last-modified': 'Thu, 01 Jan 2026 06:00:00 GMT', 'content-length': '4' },
      'modified Thu, 01 Jan 2026 06:00:00 GMT',
    ],
    [
      'the digest of its bytes',
      { 'content-length': '4' },
      'sha256 88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589',
    ],
    [
      'the digest of its bytes',
      { etag: '"7"', 'transfer-encoding': 'chunked' },
      'sha256 88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589',
    ],
  ])('the version of a document is %s: %j', async (_, headers, etag) => {
    const source = await serve(document('abcd', headers));
    const lake = openOwnLake({});
    const { bucket, objects } = await listPartition(lake, source, HOUR);
    expect(objects).toEqual([{ key: '/2026/01/01/05.csv', size: 4, etag }]);
    expect(String(await readSource(lake, 'http', { bucket, object: objects[0]! }))).toBe('abcd');
  });

  test('a server that knows no HEAD is asked with GET', async () => {
    const whole = document('abcd', { etag: '"7"', 'content-length': '4' });
    const source = await serve((request, response) =>
      (request.method === 'HEAD' ? status(405) : whole)(request, response),
    );
    expect((await listPartition(openOwnLake({}), source, HOUR)).objects).toMatchObject([{ size: 4 }]);
  });

  test('an outage is waited out', async () => {
    let asked = 0;
    const source = await serve((request, response) => {
      asked += 1;
      (asked < 3 ? status(503) : document('ab', { etag: '"1"', 'content-length': '2' }))(request, response);
    });
    expect((await listPartition(openOwnLake({}), source, HOUR)).objects).toHaveLength(1);
  });

  test('a server that says when to come back is not asked before', async () => {
    const askedAt: number[] = [];
    const source = await serve((request, response) => {
      askedAt.push(performance.now());
      const found = document('ab', { etag: '"1"', 'content-length': '2' });
      (askedAt.length === 1 ? status(429, { 'retry-after': '1' }) : found)(request, response);
    });
    expect((await listPartition(openOwnLake({}), source, HOUR)).objects).toHaveLength(1);
    expect(askedAt[1]! - askedAt[0]!).toBeGreaterThan(950);
  });

  test('an outage that lasts is worth another try, a refusal is not', async () => {
    await expect(listPartition(openOwnLake({}), await serve(status(500)), HOUR)).rejects.toThrow(
      DocumentsUnreachableError,
    );
    await expect(listPartition(openOwnLake({}), await serve(status(401)), HOUR)).rejects.toThrow(DocumentsRefusedError);
  });

  test('a redirect is followed on the same host, and to no other', async () => {
    const source = await serve((request, response) =>
      (request.url === '/real'
        ? document('ab', { etag: '"1"', 'content-length': '2' })
        : status(302, { location: '/real' }))(request, response),
    );
    expect((await listPartition(openOwnLake({}), source, HOUR)).objects).toMatchObject([{ key: '/2026/01/01/05.csv' }]);
    const elsewhere = await serve(status(307, { location: 'http://localhost:1/x' }));
    await expect(listPartition(openOwnLake({}), elsewhere, HOUR)).rejects.toThrow(
      /redirects to another host, http:\/\/localhost:1/u,
    );
    const circle = await serve(status(302, { location: '/again' }));
    await expect(listPartition(openOwnLake({}), circle, HOUR)).rejects.toThrow(/more than 3 redirects/u);
  });

  test('a source without a base says what to set', async () => {
    const source: HttpSourceSpec = { kind: 'http', pattern: '/{yyyy}', base: undefined, clockOffsetMinutes: 0 };
    await expect(listPartition(openOwnLake({}), source, HOUR)).rejects.toThrow(/HOURLOOM_SOURCE_<PIPELINE>/u);
  });
});

describe('reading a document', () => {
  const listed = { key: '/2026/01/01/05.csv', size: 4, etag: '7' };

  test.each<[string, Answer]>([
    ['gone', status(404)],
    ['refused by its etag', status(412)],
    ['another by its etag', document('abcd', { etag: '"8"', 'content-length': '4' })],
    ['of another length', document('abc', { etag: '"7"', 'content-length': '3' })],
    ['longer than it was', document('abcde', { etag: '"7"', 'transfer-encoding': 'chunked' })],
    ['shorter than it was', document('abc', { etag: '"7"', 'transfer-encoding': 'chunked' })],
  ])('that is %s asks for a new listing', async (_, answer) => {
    const { base } = await serve(answer);
    await expect(readSource(openOwnLake({}), 'http', { bucket: base, object: listed })).rejects.toThrow(
      SourceChangedError,
    );
  });

  test('says which version it wants', async () => {
    let wanted: unknown;
    const { base } = await serve((request, response) => {
      wanted = request.headers['if-match'];
      document('abcd', { etag: '"7"', 'content-length': '4' })(request, response);
    });
    await readSource(openOwnLake({}), 'http', { bucket: base, object: listed });
    expect(wanted).toBe('"7"');
  });

  test('that stops in its middle is an outage', async () => {
    const { base } = await serve((_, response) => {
      response.writeHead(200, { etag: '"7"', 'content-length': '4' }).write('ab');
      setImmediate(() => response.destroy());
    });
    await expect(readSource(openOwnLake({}), 'http', { bucket: base, object: listed })).rejects.toThrow(
      DocumentsUnreachableError,
    );
  });
});
