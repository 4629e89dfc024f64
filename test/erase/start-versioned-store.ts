import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBinary } from '../../local/find-binary.ts';
import { startObjectStore } from '../../local/start-object-store.ts';
import type { TestServices } from '../support/global-setup.ts';

export interface VersionedStore extends AsyncDisposable {
  readonly s3: TestServices['s3'];
}

/** An S3 server whose buckets can keep versions; it goes with all that is in it. */
export async function startVersionedStore(): Promise<VersionedStore> {
  const folder = await mkdtemp(join(tmpdir(), 'hourloom-versions-'));
  const keys = { accessKeyId: 'hourloom-test', secretAccessKey: 'hourloom-test-secret' };
  const store = await startObjectStore({
    binary: await findBinary('versitygw', { env: process.env, report: (line) => console.error(line) }),
    directory: join(folder, 'objects'),
    versionsDirectory: join(folder, 'versions'),
    ...keys,
    log: () => undefined,
  });
  return {
    s3: { endpoint: store.endpoint, region: store.region, ...keys },
    async [Symbol.asyncDispose]() {
      await store.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
