import { randomBytes } from 'node:crypto';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AcceptInput } from '../../activities/backfill/accept-requests.ts';
import { connectClient } from '../../client/connect-client.ts';
import type { ConnectedClient } from '../../client/connect-client.ts';
import { requestBackfill } from '../../client/request-backfill.ts';
import { parsePipelineName } from '../../model/asset-key.ts';
import { requestsWorkflowId } from '../../model/workflow-id.ts';
import { bundleWorkflows } from '../hour/open-stack.ts';
import { services } from '../support/services.ts';

const SIGNALS = 2_000;
const pipeline = parsePipelineName(`mailbox_${randomBytes(4).toString('hex')}`)!;
const taskQueue = `test-${pipeline}`;

let connected: ConnectedClient;
beforeAll(async () => {
  connected = await connectClient(services().temporalAddress);
});
afterAll(() => connected[Symbol.asyncDispose]());

// The mailbox alone, with an activity that only writes down what it is handed: 2,000 backfills would take minutes.
test(
  'a burst of 2,000 requests over several runs of the mailbox loses none and doubles none',
  { timeout: 60_000 },
  async () => {
    const connection = await NativeConnection.connect({ address: services().temporalAddress });
    const accepted: string[] = [];
    const worker = await Worker.create({
      connection,
      taskQueue,
      workflowBundle: await bundleWorkflows(),
      activities: {
        acceptRequests: async ({ requests }: AcceptInput) => {
          accepted.push(...requests.map(({ id }) => id));
          return [];
        },
      },
    });
    const ids = Array.from({ length: SIGNALS }, (_, number) => `request-${number}`);
    // The first ones come while no worker is up.
    await sendAll(ids.slice(0, 100));
    const running = worker.run();
    await sendAll(ids.slice(100));
    await connected.client.workflow.getHandle(requestsWorkflowId(pipeline)).result();
    worker.shutdown();
    await running;
    await connection.close();

    expect(accepted.toSorted()).toEqual(ids.toSorted());
    const runs = [];
    const query = `WorkflowId = "${requestsWorkflowId(pipeline)}"`;
    for await (const run of connected.client.workflow.list({ query })) runs.push(run);
    expect(runs.length).toBeGreaterThan(1);
    expect(Math.max(...runs.map(({ historyLength }) => historyLength ?? 0))).toBeLessThan(4_096);
  },
);

async function sendAll(ids: readonly string[]): Promise<void> {
  const waiting = ids.values();
  const sendNext = async () => {
    for (const id of waiting) {
      const asked = { from: 0, to: 1, only: 'missing', order: 'oldest', width: 1 } as const;
      await requestBackfill(connected.client, { pipeline, request: { id, asked }, taskQueue });
    }
  };
  await Promise.all(Array.from({ length: 32 }, sendNext));
}
