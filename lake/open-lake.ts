import { S3Client } from '@aws-sdk/client-s3';
import { SignatureV4 } from '@smithy/signature-v4';
import { Agent } from 'undici';
import type { Dispatcher } from 'undici';
import { rememberAddresses } from './address-bucket.ts';
import type { BucketAddress } from './address-bucket.ts';
import { KeptBundles } from './kept-bundles.ts';
import type { SharedDuckDb } from './open-shared-duckdb.ts';

/** Where the lake is and who we are there. Sources in other buckets are read with the same endpoint and credentials. */
export interface LakeConfig {
  readonly bucket: string;
  /** Undefined: AWS itself. With an endpoint, buckets are addressed by path. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  /** Undefined: the AWS SDK's default chain (environment, profile, container, instance). */
  readonly credentials?: LakeCredentials | undefined;
}

export interface LakeCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * An open lake: what every operation in this folder takes first. Listing and writing go through the AWS SDK; reading
 * goes through `http`, because an hour is hundreds of small objects and the SDK costs six times the CPU for each.
 */
export interface Lake {
  readonly bucket: string;
  /** The address for messages. */
  readonly at: string;
  readonly s3: S3Client;
  readonly http: Dispatcher;
  readonly signer: SignatureV4;
  /** Where `http` reaches a bucket. */
  readonly addressOf: (bucket: string) => Promise<BucketAddress>;
  /** What this process has of the lake on its own disk. */
  readonly kept: KeptBundles;
  /** What Parquet is written with: heavy, so that it is loaded by the first who asks, and kept until `close`. */
  readonly duckDb: () => Promise<SharedDuckDb>;
  /** Ends idle connections and cuts off open ones; gives the disk back. */
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 20_000;

/** One merge reads with 16; a stream that waits for the warehouse holds one for as long as it waits. */
const MAX_CONNECTIONS = 64;

/** Opens no connection yet: the first operation does, and says clearly when it cannot. */
export function openLake(config: LakeConfig): Lake {
  const s3 = new S3Client({
    region: config.region,
    ...(config.endpoint === undefined ? {} : { endpoint: config.endpoint, forcePathStyle: true }),
    ...(config.credentials === undefined ? {} : { credentials: config.credentials }),
    maxAttempts: 4,
    // Other S3 servers refuse the SDK's checksum trailers; whoever puts an object asks for its own checksum.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: ANSWER_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      socketTimeout: ANSWER_TIMEOUT_MS,
    },
  });
  const http = new Agent({
    connections: MAX_CONNECTIONS,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: ANSWER_TIMEOUT_MS,
    bodyTimeout: ANSWER_TIMEOUT_MS,
  });
  const signer = new SignatureV4({
    service: 's3',
    region: config.region,
    credentials: s3.config.credentials,
    sha256: s3.config.sha256,
    uriEscapePath: false,
  });
  const kept = new KeptBundles();
  let duckDb: Promise<SharedDuckDb> | undefined;
  return {
    bucket: config.bucket,
    at: config.endpoint ?? `AWS ${config.region}`,
    s3,
    http,
    signer,
    addressOf: rememberAddresses(s3),
    kept,
    duckDb: () =>
      (duckDb ??= loadDuckDb().catch((error: unknown) => {
        duckDb = undefined;
        throw error;
      })),
    close: async () => {
      s3.destroy();
      const shared = await duckDb?.catch(() => undefined);
      await Promise.all([http.destroy(), kept.close(), shared?.close()]);
    },
  };
}

async function loadDuckDb(): Promise<SharedDuckDb> {
  return (await import('./open-shared-duckdb.ts')).openSharedDuckDb();
}
