import { createHash, randomBytes } from 'node:crypto';
import { ListMultipartUploadsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { Dispatcher } from 'undici';
import { expect, test } from 'vitest';
import { StorageUnreachableError } from '../../lake/errors.ts';
import type { Lake } from '../../lake/open-lake.ts';
import { PART_BYTES, putParts } from '../../lake/put-parts.ts';
import type { ReadableAnywhere } from '../../lake/put-parts.ts';
import { readStored } from '../../lake/read-stored.ts';
import type { StoredObject } from '../../model/source-object.ts';
import { openFaultyLake, openTestLake } from './open-test-lake.ts';

const BODY = randomBytes(3 * PART_BYTES + 12_345);
const OBJECT: StoredObject = {
  key: 'x/large (1).files',
  size: BODY.length,
  digest: createHash('sha256').update(BODY).digest('hex'),
};
const CONTENT: ReadableAnywhere = { readAt: async (at, length) => BODY.subarray(at, at + length) };

/** What stands in the lake, whole or begun. */
async function listAll({ s3, bucket: Bucket }: Lake): Promise<{ readonly objects: number; readonly uploads: number }> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
  return { objects: Contents.length, uploads: Uploads.length };
}

/** A lake whose requests meet something on their way. */
function between(lake: Lake, meet: (request: Dispatcher.DispatchOptions) => Dispatcher.DispatchOptions): Lake {
  return { ...lake, http: lake.http.compose((dispatch) => (request, handler) => dispatch(meet(request), handler)) };
}

const isPart = ({ path }: Dispatcher.DispatchOptions, number: number) => path.includes(`partNumber=${number}&`);

test('an object in parts is there whole, and no part stays', async () => {
  const lake = await openTestLake();
  await putParts(lake, OBJECT, CONTENT, undefined);
  const chunks: Buffer[] = [];
  for await (const chunk of readStored(lake, OBJECT)) chunks.push(chunk);
  expect(Buffer.concat(chunks).equals(BODY)).toBe(true);
  expect(await listAll(lake)).toEqual({ objects: 1, uploads: 0 });
});

test('a part that was damaged on its way is refused, however often, and nothing stays', async () => {
  const lake = await openTestLake();
  let tries = 0;
  const damaging = between(lake, (request) => {
    if (!isPart(request, 2)) return request;
    tries += 1;
    const body = Buffer.from(request.body as Buffer);
    body[4_711] = ~body[4_711]!;
    return { ...request, body };
  });
  await expect(putParts(damaging, OBJECT, CONTENT, undefined)).rejects.toThrow(StorageUnreachableError);
  expect(tries).toBe(4);
  expect(await listAll(lake)).toEqual({ objects: 0, uploads: 0 });
});

test('a part that was damaged once is sent again', async () => {
  const lake = await openTestLake();
  let tries = 0;
  const damaging = between(lake, (request) => {
    if (!isPart(request, 3)) return request;
    tries += 1;
    return tries === 1 ? { ...request, body: Buffer.from(request.body as Buffer).reverse() } : request;
  });
  await putParts(damaging, OBJECT, CONTENT, undefined);
  expect(tries).toBe(2);
  expect(await listAll(lake)).toEqual({ objects: 1, uploads: 0 });
});

test('an upload that is given up amid its parts leaves none of them', async () => {
  const lake = await openTestLake();
  const reason = new Error('cancelled');
  const cancel = new AbortController();
  const content: ReadableAnywhere = {
    readAt: async (at, length) => {
      if (at === 3 * PART_BYTES) cancel.abort(reason);
      return CONTENT.readAt(at, length);
    },
  };
  await expect(putParts(lake, OBJECT, content, cancel.signal)).rejects.toBe(reason);
  expect(await listAll(lake)).toEqual({ objects: 0, uploads: 0 });
});

test('what cannot be read ends the upload with that reason, and leaves nothing', async () => {
  const lake = await openTestLake();
  const content: ReadableAnywhere = {
    readAt: async (at, length) => {
      if (at === PART_BYTES) throw new Error('the disk is gone');
      return CONTENT.readAt(at, length);
    },
  };
  await expect(putParts(lake, OBJECT, content, undefined)).rejects.toThrow('the disk is gone');
  expect(await listAll(lake)).toEqual({ objects: 0, uploads: 0 });
});

test('a server that knows no checksums is held to the etags of the parts', async () => {
  let isRight = true;
  const asked: string[] = [];
  const lake = await openFaultyLake((request, response) => {
    const { method = '', url = '' } = request;
    asked.push(method);
    const md5 = createHash('md5');
    request
      .on('data', (chunk: Buffer) => void md5.update(chunk))
      .on('end', () => {
        if (method === 'PUT') {
          const etag = isRight ? md5.digest('hex') : createHash('md5').digest('hex');
          return void response.setHeader('etag', `"${etag}"`).end();
        }
        const answer = url.includes('uploadId=')
          ? '<CompleteMultipartUploadResult><ETag>"x-4"</ETag></CompleteMultipartUploadResult>'
          : '<InitiateMultipartUploadResult><UploadId>one</UploadId></InitiateMultipartUploadResult>';
        response.setHeader('content-type', 'application/xml').end(answer);
      });
  });
  await putParts(lake, OBJECT, CONTENT, undefined);
  expect(asked.sort()).toEqual(['POST', 'POST', 'PUT', 'PUT', 'PUT', 'PUT']);
  isRight = false;
  await expect(putParts(lake, OBJECT, CONTENT, undefined)).rejects.toThrow('was not answered as these bytes are');
  expect(asked).toContain('DELETE');
});
