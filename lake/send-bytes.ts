import { createHash } from 'node:crypto';
import { explainS3Failure } from './explain-s3-error.ts';
import type { Lake } from './open-lake.ts';
import { explainRequestError, isEncryptedByKey, readErrorCode, requestObject } from './request-object.ts';
import type { ObjectAction, ObjectAnswer, ObjectRequest } from './request-object.ts';

/** Sends bytes, without retries, and gives the answer of a server that took them; any other is an error. */
export async function sendBytes(
  lake: Lake,
  request: ObjectRequest,
  action: Omit<ObjectAction, 'method'>,
): Promise<ObjectAnswer> {
  const answer = await requestObject(lake, request, { ...action, method: 'PUT' });
  const status = answer.statusCode;
  if (status !== 200) {
    const code = await readErrorCode(answer);
    throw explainS3Failure(lake, request.use, { code: code === '' ? `status ${status}` : code, status });
  }
  await answer.body.dump().catch((error: unknown) => {
    throw explainRequestError(lake, error, request.signal);
  });
  return answer;
}

/** Whether an etag may be that of these bytes: it is their MD5 wherever it is one. */
export function mayBeEtagOf(answer: ObjectAnswer, etag: string, bytes: Buffer): boolean {
  const isMd5 = /^[0-9a-f]{32}$/u.test(etag) && !isEncryptedByKey(answer);
  return !isMd5 || etag === createHash('md5').update(bytes).digest('hex');
}
