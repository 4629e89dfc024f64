import type { Lake } from './open-lake.ts';
import { explainS3Failure } from './explain-s3-error.ts';
import { isEncryptedByKey, readErrorCode, readEtag, readHeader, requestObject } from './request-object.ts';
import type { ObjectAnswer, ObjectRequest } from './request-object.ts';

/** What S3 answered to a GET. Read or destroy the body: it holds a connection. */
export interface GetAnswer {
  /** 206: the part from `offset` on. */
  readonly status: 200 | 206 | 404 | 412;
  readonly etag: string | undefined;
  /** What the answer says its body will have; undefined where it does not say. */
  readonly size: number | undefined;
  /** See `isEncryptedByKey`. */
  readonly encryptedByKey: boolean;
  readonly body: ObjectAnswer['body'];
}

export interface GetRequest extends ObjectRequest {
  /** Only this version of the content, else status 412. */
  readonly etag?: string | undefined;
  /** Its bytes from this one on; a server may give all of them all the same. */
  readonly offset?: number | undefined;
}

/**
 * GETs one object, without retries. 404 (the object) and 412 are answers; a missing bucket, a refusal and all else are
 * errors.
 */
export async function getObject(lake: Lake, { etag, offset = 0, ...request }: GetRequest): Promise<GetAnswer> {
  const answer = await requestObject(lake, request, {
    method: 'GET',
    headers: {
      ...(etag === undefined ? {} : { 'if-match': `"${etag}"` }),
      ...(offset === 0 ? {} : { range: `bytes=${offset}-` }),
    },
  });
  const status = answer.statusCode;
  const isHere = status === 200 || (status === 206 && offset > 0);
  const code = isHere ? '' : await readErrorCode(answer);
  const gone = status === 404 && (code === 'NoSuchKey' || code === '');
  if (!isHere && status !== 412 && !gone) {
    throw explainS3Failure(lake, request.use, { code: code === '' ? `status ${status}` : code, status });
  }
  const length = readHeader(answer, 'content-length');
  return {
    status,
    etag: readEtag(answer),
    size: length === undefined ? undefined : Number(length),
    encryptedByKey: isEncryptedByKey(answer),
    body: answer.body,
  };
}
