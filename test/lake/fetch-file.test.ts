import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { expect, onTestFinished, test } from 'vitest';
import { DocumentsRefusedError, DocumentsUnreachableError } from '../../lake/document-errors.ts';
import { SourceChangedError } from '../../lake/errors.ts';
import { fetchFile } from '../../lake/fetch-file.ts';
import { putObject } from '../../lake/put-object.ts';
import { TemporaryFile } from '../../lake/temporary-file.ts';
import { createBucket } from '../support/services.ts';
import { openOwnLake, openTestLake } from './open-test-lake.ts';

const BYTES = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 251));
const ETAG = createHash('sha256').update(BYTES).digest('hex').slice(0, 20);

interface Asked {
  readonly range: string | undefined;
  readonly match: string | undefined;
}

/** A server of one document that answers each request as it is told, and what it was asked. */
async function serveAs(
  respond: (request: IncomingMessage, response: ServerResponse, nth: number) => void,
): Promise<{ readonly base: string; readonly asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    asked.push({ range: request.headers.range, match: request.headers['if-match'] });
    respond(request, response, asked.length);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** Answers with what was asked for. */
function answer({ headers }: IncomingMessage, response: ServerResponse): void {
  const from = begin(response, headers.range);
  response.end(BYTES.subarray(from));
}

/** The same, but cuts the connection when so many bytes of it have been taken in. */
class Cutter {
  #until = 0;
  #cut = (): void => undefined;

  answer({ headers, socket }: IncomingMessage, response: ServerResponse, bytes: number): void {
    const from = begin(response, headers.range);
    this.#until = from + bytes;
    this.#cut = () => void socket.destroy();
    response.write(BYTES.subarray(from, this.#until));
  }

  see(size: number): void {
    if (size === this.#until) this.#cut();
  }
}

function begin(response: ServerResponse, range: string | undefined): number {
  const from = Number(/^bytes=(\d+)-$/u.exec(range ?? '')?.[1] ?? 0);
  response.writeHead(from === 0 ? 200 : 206, {
    etag: `"${ETAG}"`,
    'content-length': BYTES.length - from,
    ...(from === 0 ? {} : { 'content-range': `bytes ${from}-${BYTES.length - 1}/${BYTES.length}` }),
  });
  return from;
}

interface FetchSettings {
  readonly etag?: string;
  readonly bodyTimeout?: number;
  readonly cutter?: Cutter;
}

async function fetchFrom(
  base: string,
  { etag = ETAG, bodyTimeout = 20_000, cutter }: FetchSettings = {},
): Promise<Buffer> {
  const lake = { ...openOwnLake({}), http: new Agent({ bodyTimeout, headersTimeout: bodyTimeout }) };
  onTestFinished(() => lake.http.destroy());
  await using file = await TemporaryFile.create();
  const object = { key: '/file', size: BYTES.length, etag };
  await fetchFile(lake, 'http', { bucket: base, object }, { file, onProgress: () => cutter?.see(file.size) });
  return await file.readAt(0, file.size);
}

test('a document that is cut again and again comes whole, each time from where it was cut', async () => {
  const cutter = new Cutter();
  const { base, asked } = await serveAs((request, response, nth) =>
    nth < 4 ? cutter.answer(request, response, 70_000) : answer(request, response),
  );
  expect((await fetchFrom(base, { cutter })).equals(BYTES)).toBe(true);
  const match = `"${ETAG}"`;
  expect(asked).toEqual([
    { range: undefined, match },
    { range: 'bytes=70000-', match },
    { range: 'bytes=140000-', match },
    { range: 'bytes=210000-', match },
  ]);
});

test('a server that knows no ranges gives the whole once more', async () => {
  const cutter = new Cutter();
  const { base, asked } = await serveAs((request, response, nth) => {
    delete request.headers.range;
    if (nth < 3) cutter.answer(request, response, 70_000);
    else answer(request, response);
  });
  expect((await fetchFrom(base, { cutter })).equals(BYTES)).toBe(true);
  expect(asked.map(({ range }) => range)).toEqual([undefined, 'bytes=70000-', 'bytes=70000-']);
});

test('a document that is another one when it goes on is no document of this listing', async () => {
  const cutter = new Cutter();
  const { base } = await serveAs((request, response, nth) => {
    if (nth === 1) cutter.answer(request, response, 70_000);
    else response.writeHead(412).end();
  });
  await expect(fetchFrom(base, { cutter })).rejects.toThrow(SourceChangedError);
});

test('half the body as a whole one is no document of this listing', async () => {
  const { base } = await serveAs((_, response) => {
    response.writeHead(200, { etag: `"${ETAG}"`, 'content-length': BYTES.length / 2 });
    response.end(BYTES.subarray(0, BYTES.length / 2));
  });
  await expect(fetchFrom(base)).rejects.toThrow('it has 150000 bytes, not 300000');
});

test('half the body without its length is an outage, and more than the body another document', async () => {
  const { base } = await serveAs((_, response) => {
    response.writeHead(200, { etag: `"${ETAG}"`, 'transfer-encoding': 'chunked' });
    response.end(BYTES.subarray(0, BYTES.length / 2));
  });
  await expect(fetchFrom(base)).rejects.toThrow(DocumentsUnreachableError);
  const more = await serveAs((_, response) => {
    response.writeHead(200, { etag: `"${ETAG}"`, 'transfer-encoding': 'chunked' });
    response.end(Buffer.concat([BYTES, BYTES]));
  });
  await expect(fetchFrom(more.base)).rejects.toThrow(SourceChangedError);
});

test('a server that stalls is given up, and one that goes on after it is not', async () => {
  const { base, asked } = await serveAs((request, response, nth) => {
    if (nth > 1) return answer(request, response);
    response.writeHead(200, { etag: `"${ETAG}"`, 'content-length': BYTES.length });
    response.write(BYTES.subarray(0, 1_000));
  });
  expect((await fetchFrom(base, { bodyTimeout: 200 })).equals(BYTES)).toBe(true);
  expect(asked.map(({ range }) => range)).toEqual([undefined, 'bytes=1000-']);
  const silent = await serveAs(() => undefined);
  await expect(fetchFrom(silent.base, { bodyTimeout: 100 })).rejects.toThrow(DocumentsUnreachableError);
});

test('a server that resets each connection is an outage, after some tries', async () => {
  const { base, asked } = await serveAs((request) => void request.socket.destroy());
  await expect(fetchFrom(base)).rejects.toThrow(DocumentsUnreachableError);
  expect(asked).toHaveLength(4);
});

test('a redirect to another host is refused', async () => {
  const { base } = await serveAs((_, response) =>
    response.writeHead(302, { location: 'http://elsewhere.example/file' }).end(),
  );
  await expect(fetchFrom(base)).rejects.toThrow(DocumentsRefusedError);
});

test('a document that tells only its date is fetched whole, not in parts', async () => {
  const { base, asked } = await serveAs((_, response, nth) => {
    response.writeHead(200, { 'last-modified': 'Mon, 03 Feb 2025 10:00:00 GMT', 'content-length': BYTES.length });
    if (nth > 1) return void response.end(BYTES);
    response.write(BYTES.subarray(0, 1_000), () => response.destroy());
  });
  expect((await fetchFrom(base, { etag: 'modified Mon, 03 Feb 2025 10:00:00 GMT' })).equals(BYTES)).toBe(true);
  expect(asked).toEqual([
    { range: undefined, match: undefined },
    { range: undefined, match: undefined },
  ]);
});

test('an object of a bucket comes whole, its parts too, and another version is told', async () => {
  const lake = await openTestLake();
  const bucket = await createBucket('source');
  const object = await putObject(lake, { bucket, key: 'months/one', body: BYTES });
  await using file = await TemporaryFile.create();
  await fetchFile(lake, 's3', { bucket, object }, { file });
  expect((await file.readAt(0, file.size)).equals(BYTES)).toBe(true);
  await putObject(lake, { bucket, key: 'months/one', body: BYTES.subarray(1) });
  await using other = await TemporaryFile.create();
  await expect(fetchFile(lake, 's3', { bucket, object }, { file: other })).rejects.toThrow(SourceChangedError);
});
