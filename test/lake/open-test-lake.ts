import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { openLake } from '../../lake/open-lake.ts';
import type { Lake } from '../../lake/open-lake.ts';
import { createBucket, services } from '../support/services.ts';

/** A lake on the run's S3 server with a bucket of its own; closed when the test has finished. */
export async function openTestLake(): Promise<Lake> {
  return openOwnLake({ bucket: await createBucket('lake') });
}

/** The same with some settings of one's own. */
export function openOwnLake(own: Partial<Parameters<typeof openLake>[0]>): Lake {
  const { endpoint, region, ...credentials } = services().s3;
  const lake = openLake({ bucket: 'lake', endpoint, region, credentials, ...own });
  onTestFinished(() => lake.close());
  return lake;
}

/** A server that answers as S3 never should, and a lake on it. Both end with the test. */
export async function openFaultyLake(answer: RequestListener): Promise<Lake> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return openOwnLake({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}
