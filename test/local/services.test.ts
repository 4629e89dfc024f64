import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { Connection } from '@temporalio/client';
import postgres from 'postgres';
import { expect, test } from 'vitest';
import { createBucket, createDatabase, createS3Client, services } from '../support/services.ts';

test('Postgres 18 gives each test file a database of its own', async () => {
  const [first, second] = [await createDatabase(), await createDatabase()];
  expect(first).not.toBe(second);
  const sql = postgres(first, { max: 1 });
  try {
    const [row] = await sql`
      select current_database() as name,
        current_setting('server_version_num')::int / 10000 as major,
        current_setting('server_encoding') as encoding
    `;
    expect(row).toEqual({ name: new URL(first).pathname.slice(1), major: 18, encoding: 'UTF8' });
  } finally {
    await sql.end();
  }
});

test('the S3 server keeps buckets apart', async () => {
  const [first, second] = [await createBucket('one'), await createBucket('one')];
  const client = createS3Client();
  try {
    const { Buckets = [] } = await client.send(new ListBucketsCommand({}));
    expect(Buckets.map(({ Name }) => Name)).toEqual(expect.arrayContaining([first, second]));
    expect(first).not.toBe(second);
  } finally {
    client.destroy();
  }
});

test('Temporal remembers closed workflows for 30 days and knows our search attributes', async () => {
  const connection = await Connection.connect({ address: services().temporalAddress });
  try {
    const { config } = await connection.workflowService.describeNamespace({ namespace: 'default' });
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 24 * 3_600);
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
    expect(Object.keys(customAttributes ?? {})).toEqual(
      expect.arrayContaining(['HourloomPipeline', 'HourloomPartition', 'HourloomOutcome']),
    );
    const { count } = await connection.workflowService.countWorkflowExecutions({
      namespace: 'default',
      query: `HourloomPipeline = 'none' and HourloomPartition < '2019-06-01T18:00:00Z'`,
    });
    expect(Number(count)).toBe(0);
  } finally {
    await connection.close();
  }
});
