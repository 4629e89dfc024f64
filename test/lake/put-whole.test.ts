import { createHash, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { LakeRefusedError, StorageUnreachableError } from '../../lake/errors.ts';
import type { Lake } from '../../lake/open-lake.ts';
import { putContentAddressed } from '../../lake/put-content-addressed.ts';
import { putWhole } from '../../lake/put-whole.ts';
import { readStored } from '../../lake/read-stored.ts';
import type { StoredObject } from '../../model/source-object.ts';
import { openFaultyLake, openOwnLake, openTestLake } from './open-test-lake.ts';

const BODY = Buffer.from('{"a":1}\n');
const MD5 = createHash('md5').update(BODY).digest('hex');

function storedUnder(key: string, body: Buffer): StoredObject {
  return { key, size: body.length, digest: createHash('sha256').update(body).digest('hex') };
}

async function read(lake: Lake, object: StoredObject): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readStored(lake, object)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('on a real server', () => {
  test.each([0, 1, 5_000, 8 * 1024 * 1024, 8 * 1024 * 1024 + 1])(
    'an object of %d bytes is put under its digest and read back',
    async (size) => {
      const lake = await openTestLake();
      const body = randomBytes(size);
      const write = async (sink: { write(chunk: Uint8Array): Promise<void> }) => {
        for (let at = 0; at < size; at += 1_000_000) await sink.write(body.subarray(at, at + 1_000_000));
      };
      const object = await putContentAddressed(lake, { prefix: 'x/', suffix: '.bin', write });
      expect(object).toEqual(storedUnder(`x/${storedUnder('', body).digest}.bin`, body));
      expect((await read(lake, object)).equals(body)).toBe(true);
    },
  );

  test('the server refuses bytes that do not have the digest, and keeps nothing of them', async () => {
    const lake = await openTestLake();
    const object = storedUnder('x/a', BODY);
    await expect(putWhole(lake, object, Buffer.from('{"a":2}\n'), undefined)).rejects.toThrow(StorageUnreachableError);
    await expect(read(lake, object)).rejects.toThrow('The lake\'s object "x/a" is not there');
  });

  test('a missing bucket and refused credentials are terminal', async () => {
    const lake = await openTestLake();
    const object = storedUnder('x/a', BODY);
    await expect(putWhole(openOwnLake({ bucket: 'no-such-bucket' }), object, BODY, undefined)).rejects.toThrow(
      LakeRefusedError,
    );
    const credentials = { accessKeyId: 'stranger', secretAccessKey: 'wrong' };
    await expect(putWhole(openOwnLake({ bucket: lake.bucket, credentials }), object, BODY, undefined)).rejects.toThrow(
      LakeRefusedError,
    );
  });

  test('a put that is no longer wanted ends with the reason', async () => {
    const lake = await openTestLake();
    const reason = new Error('cancelled');
    await expect(putWhole(lake, storedUnder('x/a', BODY), BODY, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

describe('on a faulty server', () => {
  /** Puts to a server whose answers are these, one for each request, the last one for ever. */
  async function putTo(
    answers: readonly ((response: ServerResponse) => void)[],
  ): Promise<{ text: string; requests: number }> {
    let requests = 0;
    const lake = await openFaultyLake((request, response) => {
      request.resume().on('end', () => answers[Math.min(requests++, answers.length - 1)]?.(response));
    });
    const text = await putWhole(lake, storedUnder('x/a', BODY), BODY, undefined).then(
      () => 'put',
      (error: Error) => error.message,
    );
    return { text, requests };
  }
  const good = (response: ServerResponse) => void response.setHeader('etag', `"${MD5}"`).end();
  const down = (response: ServerResponse) => void response.writeHead(503).end();

  test('an outage is tried through a few times', async () => {
    expect(await putTo([down, down, good])).toEqual({ text: 'put', requests: 3 });
    expect(await putTo([(response) => void response.destroy(), good])).toEqual({ text: 'put', requests: 2 });
    const failed = await putTo([down]);
    expect(failed.requests).toBe(4);
    expect(failed.text).toContain('does not answer as it should: status 503');
  });

  test("a page of a proxy's is no success", async () => {
    const { text } = await putTo([(response) => void response.end('<html>Welcome</html>')]);
    expect(text).toContain('putting "x/a" was answered without an etag');
  });

  test('the etag of other bytes is no success, unless it is no MD5', async () => {
    const other = createHash('md5').update('other').digest('hex');
    const { text } = await putTo([(response) => void response.setHeader('etag', `"${other}"`).end()]);
    expect(text).toContain('putting "x/a" was answered with the etag of other bytes');
    const byKey = (response: ServerResponse) =>
      void response.setHeader('etag', `"${other}"`).setHeader('x-amz-server-side-encryption', 'aws:kms').end();
    expect(await putTo([byKey])).toEqual({ text: 'put', requests: 1 });
  });
});
