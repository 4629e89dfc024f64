import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import {
  SourceChangedError,
  SourceMissingError,
  SourceRefusedError,
  StorageUnreachableError,
} from '../../lake/errors.ts';
import { putObject } from '../../lake/put-object.ts';
import { readSourceObject } from '../../lake/read-source-object.ts';
import { createBucket } from '../support/services.ts';
import { openFaultyLake, openOwnLake, openTestLake } from './open-test-lake.ts';

const BODY = Buffer.from('{"a":1}\n');
const ETAG = createHash('md5').update(BODY).digest('hex');
const OBJECT = { key: 'data/a.json', size: BODY.length, etag: ETAG };

describe('on a real server', () => {
  test('reads what was put, under any name', async () => {
    const lake = await openTestLake();
    const bucket = await createBucket('source');
    for (const key of ["a b+c/ü'!*()~&=?#%41.json", 'date=2020-01-01/hour=07/x.json.gz', `${'long'.repeat(50)}.json`]) {
      const object = await putObject(lake, { bucket, key, body: BODY });
      expect(object).toEqual({ key, size: 8, etag: ETAG });
      expect(await readSourceObject(lake, { bucket, object })).toEqual(BODY);
    }
  });

  test('an object that was replaced or removed since it was listed is not read', async () => {
    const lake = await openTestLake();
    const bucket = await createBucket('source');
    const object = await putObject(lake, { bucket, key: 'a.json', body: BODY });
    await putObject(lake, { bucket, key: 'a.json', body: Buffer.from('{"a":2}\n') });
    await expect(readSourceObject(lake, { bucket, object })).rejects.toThrow(SourceChangedError);
    await expect(readSourceObject(lake, { bucket, object: { ...object, key: 'b.json' } })).rejects.toThrow(
      'Source object "b.json" is not what was listed (it is gone). List the window again.',
    );
  });

  test('a missing bucket and refused credentials are terminal', async () => {
    const lake = await openTestLake();
    await expect(readSourceObject(lake, { bucket: 'no-such-bucket', object: OBJECT })).rejects.toThrow(
      SourceMissingError,
    );
    const stranger = openOwnLake({ credentials: { accessKeyId: 'stranger', secretAccessKey: 'wrong' } });
    await expect(readSourceObject(stranger, { bucket: lake.bucket, object: OBJECT })).rejects.toThrow(
      SourceRefusedError,
    );
  });
});

describe('on a faulty server', () => {
  /** Reads against a server whose answers are these, one for each request, the last one for ever. */
  async function readFrom(
    answers: readonly ((response: ServerResponse) => void)[],
  ): Promise<{ text: string; requests: number }> {
    let requests = 0;
    const lake = await openFaultyLake((_request, response) =>
      answers[Math.min(requests++, answers.length - 1)]?.(response),
    );
    const body = await readSourceObject(lake, { bucket: 'source', object: OBJECT });
    return { text: body.toString(), requests };
  }
  const whole = (response: ServerResponse) => void response.writeHead(200, { etag: `"${ETAG}"` }).end(BODY);
  const cut = (response: ServerResponse) => {
    response
      .writeHead(200, { etag: `"${ETAG}"`, 'content-length': BODY.length })
      .write(BODY.subarray(0, 3), () => response.destroy());
  };
  const short = (response: ServerResponse) =>
    void response.writeHead(200, { etag: `"${ETAG}"` }).end(BODY.subarray(0, 3));
  const reset = (response: ServerResponse) => void response.destroy();
  const busy = (response: ServerResponse) => void response.writeHead(503).end('<Error><Code>SlowDown</Code></Error>');
  const page = (response: ServerResponse) =>
    void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>hello</html>');
  const wrong = (response: ServerResponse) => void response.writeHead(200, { etag: `"${ETAG}"` }).end('{"a":9}\n');
  const other = (response: ServerResponse) => void response.writeHead(200, { etag: '"other"' }).end(BODY);
  const longer = (response: ServerResponse) =>
    void response.writeHead(200, { etag: `"${ETAG}"` }).end('{"a":1}\n{"a":2}\n');

  test.each([
    ['cut short', cut],
    ['ended early without a length', short],
    ['reset', reset],
    ['busy', busy],
    ['an HTML page with status 200', page],
    ['of the right length with other bytes', wrong],
  ])('an answer that is %s is asked for again', async (_name, answer) => {
    expect(await readFrom([answer, whole])).toEqual({ text: BODY.toString(), requests: 2 });
  });

  test.each([
    ['reset', reset, 'other side closed'],
    ['cut short', cut, 'other side closed'],
    ['ended early without a length', short, 'reading "data/a.json" failed, 3 of 8 bytes came'],
    ['busy', busy, 'SlowDown'],
    ['an HTML page with status 200', page, 'reading "data/a.json" failed, the answer has no etag'],
    ['of the right length with other bytes', wrong, 'the bytes that came do not have its MD5'],
  ])('when the answer stays %s, it is an outage', async (_name, answer, message) => {
    const reading = readFrom([answer]);
    await expect(reading).rejects.toThrow(StorageUnreachableError);
    await expect(reading).rejects.toThrow(message);
  });

  test.each([
    ['another etag', other],
    ['more bytes', longer],
    ['status 412', (response: ServerResponse) => void response.writeHead(412).end()],
  ])('%s is a changed object, at once', async (_name, answer) => {
    await expect(readFrom([answer, whole])).rejects.toThrow(SourceChangedError);
  });

  test('a server that is not there is an outage that names the address', async () => {
    const lake = openOwnLake({ endpoint: 'http://127.0.0.1:9' });
    const reading = readSourceObject(lake, { bucket: 'source', object: OBJECT });
    await expect(reading).rejects.toThrow(StorageUnreachableError);
    await expect(reading).rejects.toThrow(
      'S3 at http://127.0.0.1:9 does not answer as it should: connect ECONNREFUSED 127.0.0.1:9.',
    );
  });

  test('an abort ends a read that hangs, with its own reason', async () => {
    const stop = new AbortController();
    const lake = await openFaultyLake(() => stop.abort(new Error('enough')));
    await expect(readSourceObject(lake, { bucket: 'source', object: OBJECT, signal: stop.signal })).rejects.toThrow(
      'enough',
    );
  });
});
