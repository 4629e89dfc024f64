import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { inject } from 'vitest';
import type { TestServices } from './global-setup.ts';

/** The real servers of this run. */
export function services(): TestServices {
  return inject('services');
}

/** A new, empty database and its address: one for each test file, so that files do not meet. */
export async function createDatabase(): Promise<string> {
  const { databaseUrl } = services();
  const name = `test_${randomBytes(6).toString('hex')}`;
  const sql = postgres(databaseUrl, { max: 1 });
  try {
    await sql.unsafe(`create database ${name} template template0`);
  } finally {
    await sql.end();
  }
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** A new, empty bucket whose name begins with `name`, and its whole name. */
export async function createBucket(name: string, s3: TestServices['s3'] = services().s3): Promise<string> {
  const bucket = `${name}-${randomBytes(6).toString('hex')}`;
  const client = createS3Client(s3);
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
  } finally {
    client.destroy();
  }
  return bucket;
}

/** A client of the run's S3 server; destroy it at the end of the test file. */
export function createS3Client(
  { endpoint, region, accessKeyId, secretAccessKey }: TestServices['s3'] = services().s3,
): S3Client {
  return new S3Client({ endpoint, region, credentials: { accessKeyId, secretAccessKey }, forcePathStyle: true });
}
