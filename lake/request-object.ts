import type { Dispatcher } from 'undici';
import type { BucketAddress } from './address-bucket.ts';
import type { Lake } from './open-lake.ts';
import { explainS3Error } from './explain-s3-error.ts';
import type { BucketUse } from './explain-s3-error.ts';
import { StorageUnreachableError } from './errors.ts';

/** Which object a request is about, and until when its answer is wanted. */
export interface ObjectRequest {
  readonly use: BucketUse;
  readonly key: string;
  /** One of those that the bucket keeps; the latest where it is not said. */
  readonly version?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What to ask of the object. */
export interface ObjectAction {
  readonly method: 'GET' | 'PUT';
  /** What of the object the request is about: one part of it. */
  readonly query?: Readonly<Record<string, string>>;
  /** Headers that need no signature. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signedHeaders?: Readonly<Record<string, string>>;
  /**
   * What is sent, and its digest: it is signed, so the server refuses bytes that do not have it. Left out where a signed
   * header has another checksum of them.
   */
  readonly body?: { readonly bytes: Buffer; readonly sha256?: string };
}

/** What S3 answered. Read or destroy the body: it holds a connection. */
export type ObjectAnswer = Dispatcher.ResponseData;

/** Errors are read this far, for their code. */
const MAX_ERROR_BYTES = 8 * 1024;
const UNSIGNED = 'UNSIGNED-PAYLOAD';
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Sends one signed request about one object, without the AWS SDK and without retries. Any status is an answer. */
export async function requestObject(
  lake: Lake,
  { use, key, version, signal }: ObjectRequest,
  asked: ObjectAction,
): Promise<ObjectAnswer> {
  const action = version === undefined ? asked : { ...asked, query: { ...asked.query, versionId: version } };
  const { method, query = {}, headers, body } = action;
  const address = await lake.addressOf(use.bucket);
  const path = `${address.path}/${key.split('/').map(escapeUri).join('/')}`;
  const signed = await signHeaders(lake, address, path, action).catch((error: unknown) => {
    throw explainS3Error(lake, use, error);
  });
  const search = Object.entries(query).map(([name, value]) => `${name}=${escapeUri(value)}`);
  const answer = await lake.http
    .request({
      origin: address.origin,
      path: search.length === 0 ? path : `${path}?${search.join('&')}`,
      method,
      headers: { ...signed, ...headers },
      ...(body === undefined ? {} : { body: body.bytes }),
      ...(signal === undefined ? {} : { signal }),
    })
    .catch((error: unknown) => {
      throw explainRequestError(lake, error, signal);
    });
  // A body that is let go before its end says so in an event, which Node takes for a crash where nobody listens.
  answer.body.on('error', () => undefined);
  return answer;
}

/** An abort stays an abort; everything else that happens on the way is an outage. */
export function explainRequestError(lake: Lake, error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  const text = error instanceof Error ? error.message : String(error);
  const { code } = error as { code?: unknown };
  const why = typeof code === 'string' && !text.includes(code) ? `${text} (${code})` : text;
  return new StorageUnreachableError(lake.at, why, { cause: error });
}

/** The first value of an answer's header. */
export function readHeader({ headers }: ObjectAnswer, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The answer's etag, without its quotes. */
export function readEtag(answer: ObjectAnswer): string | undefined {
  return readHeader(answer, 'etag')?.replaceAll('"', '');
}

/** True where the etag is not the content's MD5 although it looks so: S3 encrypted it with somebody's key. */
export function isEncryptedByKey(answer: ObjectAnswer): boolean {
  return (
    readHeader(answer, 'x-amz-server-side-encryption')?.startsWith('aws:kms') === true ||
    readHeader(answer, 'x-amz-server-side-encryption-customer-algorithm') !== undefined
  );
}

/** S3's word for what went wrong; empty where the answer has none. The body is read. */
export async function readErrorCode({ body }: ObjectAnswer): Promise<string> {
  let text = '';
  try {
    for await (const chunk of body) {
      text += String(chunk);
      if (text.length > MAX_ERROR_BYTES) break;
    }
  } catch {
    // The status says enough; the code only says it better.
  }
  return /<Code>([A-Za-z0-9]+)<\/Code>/u.exec(text)?.[1] ?? '';
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
  { method, query = {}, signedHeaders, body }: ObjectAction,
): Promise<Record<string, string>> {
  const sha256 = body ? (body.sha256 ?? UNSIGNED) : EMPTY_SHA256;
  const headers = { host, 'x-amz-content-sha256': sha256, ...signedHeaders };
  const signed = await lake.signer.sign(
    { method, protocol, hostname: host, path, query: { ...query }, headers },
    { signingDate: new Date(Date.now() + lake.s3.config.systemClockOffset) },
  );
  return signed.headers;
}
