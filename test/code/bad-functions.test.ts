import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { giveUp } from '../../define/index.ts';
import type { MakeCall } from '../../define/index.ts';
import { waitFor } from '../support/wait-for.ts';
import { hourAt, measure, openMeasures, yieldThree } from './open-measures.ts';

let opened: Awaited<ReturnType<typeof openMeasures>>;
beforeAll(async () => {
  opened = await openMeasures('bad_code_test');
});
beforeEach(() => Object.assign(opened.behaviour, { behave: yieldThree, calls: 0 }));
afterAll(() => opened.stack.close());

test('a function that throws half way is tried four times, leaves the hour as it was, and its log says why', async () => {
  await opened.stack.run(hourAt(5));
  const before = await opened.readRows();
  opened.behaviour.behave = async function* ({ log, secret }) {
    yield measure(9);
    log('asked', { attempt: opened.behaviour.calls, key: secret('TOKEN') });
    throw new Error(`401 for open/sesame`, { cause: new Error('open%2Fsesame is no key') });
  };
  await expect(opened.stack.run(hourAt(5), { force: true })).rejects.toThrow('Workflow execution failed');
  expect(opened.behaviour.calls).toBe(1 + 4);
  expect(await opened.readFailure()).toEqual({
    reason:
      'The function of bad_code_test/measures failed after 1 records: 401 for ***: *** is no key. Nothing was published; ' +
      'its log says more. Correct it, or have it call giveUp(reason) where trying again cannot help.',
    retryable: true,
  });
  expect(await opened.readRows()).toEqual(before);

  const notes = (await opened.readNotes(hourAt(5))).filter(({ failed }) => failed);
  expect(notes.map(({ step, meta }) => ({ step, meta }))).toEqual([
    ...Array.from({ length: 4 }, () => ({ step: 'make', meta: undefined })),
    { step: 'run', meta: undefined },
  ]);
  const lines = await opened.readLines(notes[3]!);
  expect(lines.map(({ text, fields }) => [text.split('\n', 1)[0], fields])).toEqual([
    ['asked', { attempt: 5, key: '***' }],
    ['Error: 401 for ***', undefined],
    [
      expect.stringMatching(/^The attempt failed: The function of bad_code_test\/measures failed after 1 records/u),
      undefined,
    ],
  ]);
  expect(JSON.stringify(await Promise.all(notes.map(opened.readLines)))).not.toContain('sesame');
});

test.for([
  [
    'gives up',
    () => giveUp('the account open/sesame is closed'),
    'gave up: the account *** is closed. Nothing was published.',
  ],
  [
    'asks for a secret that is not set',
    ({ secret }: MakeCall) => secret('NONE'),
    'asks for the secret NONE, which is not set. Set HOURLOOM_SECRET_NONE where the worker runs, and start it again.',
  ],
  ['yields no records', () => undefined, 'yields no records. Write it as async *make({ window }) { yield … }.'],
] as const)('a function that %s is not tried again', async ([, behaviour, reason], { expect }) => {
  opened.behaviour.behave = behaviour as unknown as typeof opened.behaviour.behave;
  await expect(opened.stack.run(hourAt(6))).rejects.toThrow('Workflow execution failed');
  expect(opened.behaviour.calls).toBe(1);
  const failure = await opened.readFailure();
  expect(failure.retryable).toBe(false);
  expect(failure.reason).toContain(`The function of bad_code_test/measures ${reason}`);
});

test('a function that never returns and ignores its signal is given up in time, and what it yields late is lost', async () => {
  let release: () => void = () => undefined;
  let late: Promise<void> | undefined;
  let told: AbortSignal | undefined;
  opened.behaviour.behave = async function* ({ signal, log, meta, pool }) {
    if (opened.behaviour.calls > 1) giveUp('once is enough');
    yield measure(1, 'early');
    told = signal;
    let ended: () => void = () => undefined;
    late = new Promise((resolve) => (ended = resolve));
    await new Promise<void>((resolve) => (release = resolve));
    log('late');
    meta({ late: true });
    await expect(pool.take()).rejects.toThrow('did not end within 2 s');
    ended();
    yield measure(2, 'late');
  };
  await expect(opened.stack.run(hourAt(7))).rejects.toThrow('Workflow execution failed');
  expect(told?.aborted).toBe(true);
  release();
  await late;
  const [first] = await opened.readNotes(hourAt(7));
  expect({ failed: first?.failed, meta: first?.meta }).toEqual({ failed: true, meta: undefined });
  expect((await opened.readLines(first!)).map(({ text }) => text)).toEqual([
    'The attempt failed: The function of bad_code_test/measures did not end within 2 s; it had yielded 1 records. ' +
      'Nothing was published. Raise its timeout, have it do less, or see what it waits for.',
  ]);
  expect(
    await opened.stack.warehouse.sql`select from bad_code_test.measures where name in ('early', 'late')`,
  ).toHaveLength(0);
});

test('a run that is cancelled ends its function, also one that does not listen', async () => {
  let told: AbortSignal | undefined;
  opened.behaviour.behave = async function* ({ signal }) {
    told = signal;
    await new Promise(() => undefined);
    yield measure(1);
  };
  const { handle } = await opened.stack.start(hourAt(8));
  await waitFor('the function runs', () => told !== undefined);
  await handle.cancel();
  await expect(handle.result()).rejects.toThrow('Workflow execution cancelled');
  await waitFor('it is told', () => told?.aborted);
  // The run does not wait for it.
  const notes = await waitFor('its log is kept', async () => {
    const kept = await opened.readNotes(hourAt(8));
    return kept.length > 0 && kept;
  });
  expect(notes.map(({ step, failed }) => [step, failed])).toEqual([['make', true]]);
});

test('a worker that stops ends a function that does not listen, and leaves the run to another', async () => {
  const alone = await openMeasures('stopped_code_test', { timeout: '1 minute' });
  let told: AbortSignal | undefined;
  alone.behaviour.behave = async function* ({ signal }) {
    told = signal;
    yield measure(1);
    await new Promise(() => undefined);
  };
  const { handle } = await alone.stack.start(hourAt(0));
  await waitFor('the function runs', () => told !== undefined);
  await alone.stack.close();
  expect(told?.aborted).toBe(true);
  expect((await opened.stack.client.workflow.getHandle(handle.workflowId).describe()).status.name).toBe('RUNNING');
  await opened.stack.client.workflow.getHandle(handle.workflowId).terminate();
});
