import type { Dispatcher } from 'undici';
import type { BucketAddress } from './address-bucket.ts';
import type { Lake } from './open-lake.ts';
import { explainS3Error, explainS3Failure } from './explain-s3-error.ts';
import type { BucketUse } from './explain-s3-error.ts';
import { StorageUnreachableError } from './errors.ts';

/** What S3 answered to a GET. Read or destroy the body: it holds a connection. */
export interface GetAnswer {
  readonly status: 200 | 404 | 412;
  readonly etag: string | undefined;
  /** What the answer says its body will have; undefined where it does not say. */
  readonly size: number | undefined;
  /** True where the etag is not the content's MD5 although it looks so: S3 encrypted it with somebody's key. */
  readonly encryptedByKey: boolean;
  readonly body: Dispatcher.ResponseData['body'];
}

export interface GetRequest {
  readonly use: BucketUse;
  readonly key: string;
  /** Only this version of the content, else status 412. */
  readonly etag?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Errors are read this far, for their code. */
const MAX_ERROR_BYTES = 8 * 1024;
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/**
 * GETs one object, signed, without the AWS SDK and without retries. 404 (the object) and 412 are answers; a missing
 * bucket, a refusal and all else are errors.
 */
export async function getObject(lake: Lake, { use, key, etag, signal }: GetRequest): Promise<GetAnswer> {
  const address = await lake.addressOf(use.bucket);
  const path = `${address.path}/${key.split('/').map(escapeUri).join('/')}`;
  const headers = await signHeaders(lake, address, path).catch((error: unknown) => {
    throw explainS3Error(lake, use, error);
  });
  const answer = await lake.http
    .request({
      origin: address.origin,
      path,
      method: 'GET',
      headers: etag === undefined ? headers : { ...headers, 'if-match': `"${etag}"` },
      ...(signal === undefined ? {} : { signal }),
    })
    .catch((error: unknown) => {
      throw explainGetError(lake, error, signal);
    });

  // A body that is let go before its end says so in an event, which Node takes for a crash where nobody listens.
  answer.body.on('error', () => undefined);
  const status = answer.statusCode;
  const code = status === 200 ? '' : await readErrorCode(answer);
  const gone = status === 404 && (code === 'NoSuchKey' || code === '');
  if (status !== 200 && status !== 412 && !gone) {
    throw explainS3Failure(lake, use, { code: code === '' ? `status ${status}` : code, status });
  }
  const length = header(answer, 'content-length');
  return {
    status,
    etag: header(answer, 'etag')?.replaceAll('"', ''),
    size: length === undefined ? undefined : Number(length),
    encryptedByKey:
      header(answer, 'x-amz-server-side-encryption')?.startsWith('aws:kms') === true ||
      header(answer, 'x-amz-server-side-encryption-customer-algorithm') !== undefined,
    body: answer.body,
  };
}

/** An abort stays an abort; everything else that happens on the way is an outage. */
export function explainGetError(lake: Lake, error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  const text = error instanceof Error ? error.message : String(error);
  const { code } = error as { code?: unknown };
  const why = typeof code === 'string' && !text.includes(code) ? `${text} (${code})` : text;
  return new StorageUnreachableError(lake.at, why, { cause: error });
}

/** S3 counts these five as characters to escape too; otherwise the signature does not match. */
function escapeUri(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/gu, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The place where reading public buckets without credentials would begin: it would sign nothing. */
async function signHeaders(
  lake: Lake,
  { protocol, host }: BucketAddress,
  path: string,
): Promise<Record<string, string>> {
  const request = {
    method: 'GET',
    protocol,
    hostname: host,
    path,
    query: {},
    headers: { host, 'x-amz-content-sha256': EMPTY_SHA256 },
  };
  const signed = await lake.signer.sign(request, {
    signingDate: new Date(Date.now() + lake.s3.config.systemClockOffset),
  });
  return signed.headers;
}

function header(answer: Dispatcher.ResponseData, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

async function readErrorCode({ body }: Dispatcher.ResponseData): Promise<string> {
  let text = '';
  try {
    for await (const chunk of body) {
      text += String(chunk);
      if (text.length > MAX_ERROR_BYTES) break;
    }
  } catch {
    // The status says enough; the code only says it better.
  }
  return /<Code>([A-Za-z]+)<\/Code>/u.exec(text)?.[1] ?? '';
}
