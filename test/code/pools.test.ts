import { setMaxListeners } from 'node:events';
import { expect, test } from 'vitest';
import { createPools } from '../../activities/make/pools.ts';

const limit = { pool: 'p', perSecond: 50 };
const never = new AbortController().signal;
setMaxListeners(0, never);

test('turns come evenly, in the order in which they were asked for, to all that share the pool', async () => {
  const pools = createPools();
  const [one, two] = [pools.open(limit, never), pools.open(limit, never)];
  const turns: { readonly who: number; readonly at: number }[] = [];
  const take = async (who: number) => {
    await (who % 2 === 0 ? one : two).take();
    turns.push({ who, at: performance.now() });
  };
  await Promise.all(Array.from({ length: 10 }, (_, who) => take(who)));
  expect(turns.map(({ who }) => who)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(turns[9]!.at - turns[0]!.at).toBeGreaterThan(9 * 20 - 2);
});

test('who goes away takes no turn, and those behind neither wait for it nor come early', async () => {
  const pools = createPools();
  const leaving = new AbortController();
  setMaxListeners(0, leaving.signal);
  await pools.open(limit, never).take();
  const begun = performance.now();
  const gone = Promise.all(Array.from({ length: 100 }, () => pools.open(limit, leaving.signal).take()));
  const stays = pools.open(limit, never).take();
  leaving.abort(new Error('gone'));
  await expect(gone).rejects.toThrow('gone');
  await stays;
  expect(performance.now() - begun).toBeLessThan(200);
  expect(performance.now() - begun).toBeGreaterThan(18);
  await expect(pools.open(limit, leaving.signal).take()).rejects.toThrow('gone');
});

test('a pool that rests gives nobody a turn, and another one goes on', async () => {
  const pools = createPools();
  const resting = pools.open(limit, never);
  resting.rest(100);
  const begun = performance.now();
  await pools.open({ pool: 'other', perSecond: 50 }, never).take();
  expect(performance.now() - begun).toBeLessThan(90);
  await resting.take();
  expect(performance.now() - begun).toBeGreaterThanOrEqual(99);
});

test('without a limit there is nothing to wait for but the end', async () => {
  const pool = createPools().open(undefined, AbortSignal.abort(new Error('over')));
  await expect(pool.take()).rejects.toThrow('over');
  await createPools().open(undefined, never).take();
});
