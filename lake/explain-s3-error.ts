import type { Lake } from './open-lake.ts';
import { LakeRefusedError, SourceMissingError, SourceRefusedError, StorageUnreachableError } from './errors.ts';

/** Which bucket a request was about, and whose it is: what to do about an error depends on it. */
export interface BucketUse {
  readonly bucket: string;
  readonly role: 'source' | 'lake';
}

/** S3's own words for "not you" and "not here"; no later attempt gets another answer. */
const REFUSALS = new Set([
  'AccessDenied',
  'AccountProblem',
  'AllAccessDisabled',
  'AuthorizationHeaderMalformed',
  'CredentialsProviderError',
  'Forbidden',
  'InvalidAccessKeyId',
  'InvalidToken',
  'PermanentRedirect',
  'SignatureDoesNotMatch',
  // versitygw's word for an unknown access key, with status 404.
  'XAdminUserNotFound',
]);

/** What S3 said about a request that failed. */
export interface S3Failure {
  /** S3's error code or the error's name; the status where there is neither. */
  readonly code: string;
  readonly status: number | undefined;
  readonly cause?: unknown;
}

/** Turns a failed request to a bucket into an error that says what to do; never into `undefined`. */
export function explainS3Failure(lake: Lake, { bucket, role }: BucketUse, { code, status, cause }: S3Failure): Error {
  const missing = code === 'NoSuchBucket' || (status === 404 && code === 'NotFound');
  if (missing && role === 'source') return new SourceMissingError(bucket, lake.at, { cause });
  if (missing) return new LakeRefusedError(bucket, `there is no such bucket at ${lake.at}`, { cause });

  // An expired token or a skewed clock is put right by the next attempt, which asks for credentials and time again.
  const refused = REFUSALS.has(code) || (status === 403 && !/Expired|Skewed|Throttl|SlowDown/u.test(code));
  // A HEAD is answered without S3's word.
  const why = code.startsWith('Unknown') && status !== undefined ? `status ${status}` : code;
  if (refused && role === 'source') return new SourceRefusedError(bucket, why, { cause });
  if (refused) return new LakeRefusedError(bucket, why, { cause });
  return new StorageUnreachableError(lake.at, describe(code, status, cause), { cause });
}

/** The same for what the AWS SDK throws; an abort passes as it is. */
export function explainS3Error(lake: Lake, use: BucketUse, error: unknown): unknown {
  if (!(error instanceof Error) || error.name === 'AbortError') return error;
  return explainS3Failure(lake, use, { code: error.name, status: statusOf(error), cause: error });
}

function statusOf(error: Error): number | undefined {
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode;
}

function describe(code: string, status: number | undefined, cause: unknown): string {
  const text = cause instanceof Error && cause.message !== '' ? cause.message : code;
  const reason = (cause as { code?: unknown } | undefined)?.code;
  const shown = text === 'UnknownError' && status !== undefined ? `status ${status}` : text;
  return typeof reason === 'string' && !shown.includes(reason) ? `${shown} (${reason})` : shown;
}
