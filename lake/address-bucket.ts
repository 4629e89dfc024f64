import type { S3Client } from '@aws-sdk/client-s3';

/** Where a bucket's objects are reached: `path` goes before `/<key>`, and is empty where the host names the bucket. */
export interface BucketAddress {
  readonly origin: string;
  readonly protocol: string;
  readonly host: string;
  readonly path: string;
}

/** The address that the SDK itself would choose: by path or by host name, by region, by endpoint. */
export async function addressBucket({ config }: S3Client, bucket: string): Promise<BucketAddress> {
  const endpoint = await config.endpoint?.();
  const port = endpoint?.port === undefined ? '' : `:${endpoint.port}`;
  const { url } = config.endpointProvider({
    Bucket: bucket,
    Region: await config.region(),
    ForcePathStyle: config.forcePathStyle === true,
    UseFIPS: await config.useFipsEndpoint(),
    UseDualStack: await config.useDualstackEndpoint(),
    ...(endpoint === undefined
      ? {}
      : { Endpoint: `${endpoint.protocol}//${endpoint.hostname}${port}${endpoint.path}` }),
  });
  return { origin: url.origin, protocol: url.protocol, host: url.host, path: url.pathname.replace(/\/$/u, '') };
}

/** Remembers the addresses: to find one costs as much as to read a small object from it. */
export function rememberAddresses(s3: S3Client): (bucket: string) => Promise<BucketAddress> {
  const known = new Map<string, Promise<BucketAddress>>();
  return (bucket) => {
    const address = known.get(bucket) ?? addressBucket(s3, bucket);
    known.set(bucket, address);
    return address;
  };
}
