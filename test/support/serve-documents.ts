import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A server of documents with etags, empty at first; it ends with the test. */
export interface DocumentServer {
  readonly base: string;
  put(path: string, body: string): void;
  /** From now on everything is answered with 403 and a page, or as before. */
  refuseAll(isRefused: boolean): void;
  /** The next look at this document shows what it is now, and after that it is another. */
  changeBetweenListingAndReading(path: string, body: string): void;
}

export async function serveDocuments(): Promise<DocumentServer> {
  const documents = new Map<string, string>();
  const changes = new Map<string, string>();
  let refused = false;
  const server = createServer(({ url = '', method, headers }, response) => {
    if (refused) return void response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>');
    const body = documents.get(url);
    const change = changes.get(url);
    if (change !== undefined && method === 'HEAD') {
      changes.delete(url);
      documents.set(url, change);
    }
    if (body === undefined) return void response.writeHead(404).end();
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    if (![etag, undefined].includes(headers['if-match'])) return void response.writeHead(412).end();
    response.writeHead(200, { etag, 'content-length': Buffer.byteLength(body) });
    response.end(method === 'HEAD' ? undefined : body);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    put: (path, body) => void documents.set(path, body),
    refuseAll: (isRefused) => void (refused = isRefused),
    changeBetweenListingAndReading: (path, body) => void changes.set(path, body),
  };
}
