import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { bundleFiles } from '../../lake/bundle-files.ts';
import { SourceChangedError } from '../../lake/errors.ts';
import type { MergedSegment } from '../../lake/merged-format.ts';
import type { Lake } from '../../lake/open-lake.ts';
import { putObject } from '../../lake/put-object.ts';
import { readBundle } from '../../lake/read-bundle.ts';
import type { FilesQuery } from '../../model/file-format.ts';
import type { StoredObject } from '../../model/source-object.ts';
import { makeParquets } from '../support/make-parquet.ts';
import { createBucket } from '../support/services.ts';
import { openOwnLake, openTestLake } from './open-test-lake.ts';

const WINDOW = { start: Date.UTC(2025, 1, 1), end: Date.UTC(2025, 2, 1) };
const QUERY: FilesQuery = {
  columns: [{ name: 'amount', type: 'number' }],
  statement: 'select count(*) as rows, sum(amount) as amount from files',
};

async function read(lake: Lake, object: StoredObject): Promise<string> {
  const segments: MergedSegment[] = [];
  for await (const segment of readBundle(lake, object, { query: QUERY, window: WINDOW })) segments.push(segment);
  return segments.map((segment) => ('bytes' in segment ? segment.bytes.toString() : segment.detail)).join('');
}

test('the files are read where they were merged, else from the lake, and are the same', async () => {
  const [lake, bucket] = [await openTestLake(), await createBucket('source')];
  const bodies = await makeParquets([
    // More than one part of an upload.
    'select (hash(i) % 1000000000)::double as amount from range(1500000) as t(i)',
    'select 2.5 as amount',
  ]);
  const objects = [];
  for (const [index, body] of bodies.entries()) objects.push(await putObject(lake, { bucket, key: `${index}`, body }));
  const page = await putObject(lake, { bucket, key: 'page', body: Buffer.from('<html>') });
  const manifest = { bucket, objects: [...objects, page], skipped: [], rejected: [] };
  const { object, files } = await bundleFiles(lake, { manifest, prefix: 'raw/' });
  expect(files).toEqual({ listed: 3, loaded: 2, rejected: 1, skipped: 0, empty: 0 });
  expect(object.size).toBeGreaterThan(8 * 1024 * 1024);

  const here = await read(lake, object);
  expect(here).toMatch(/^it is an HTML page\{"rows":1500001,"amount":/u);
  // It was handed over, so this comes from the lake, as it does on another worker.
  expect(await read(lake, object)).toBe(here);
  expect(await read(openOwnLake({ bucket: lake.bucket }), object)).toBe(here);
});

test('a file that changed is told, not that the others were given up because of it', async () => {
  const lake = await openTestLake();
  const server = createServer((request, response) => {
    if (request.url === '/two') return void response.writeHead(412).end();
    // Never ends by itself.
    response.writeHead(200, { etag: '"1"', 'content-length': 1_000 }).write('PAR1');
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const objects = ['/one', '/two', '/three'].map((key) => ({ key, size: 1_000, etag: '1' }));
  const bucket = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const manifest = { bucket, objects, skipped: [], rejected: [] };
  await expect(bundleFiles(lake, { manifest, from: 'http', prefix: 'raw/' })).rejects.toThrow(SourceChangedError);
});
