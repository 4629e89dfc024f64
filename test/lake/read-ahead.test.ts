import { expect, test } from 'vitest';
import { readAhead } from '../../lake/read-ahead.ts';
import type { AheadRead } from '../../lake/read-ahead.ts';

/** Reads that end when they are told to, and what is under way of them. */
function makeReads(costs: readonly number[]) {
  const begun: number[] = [];
  const ends = costs.map(() => {
    let settle: (error?: Error) => void = () => undefined;
    const promise = new Promise<void>((resolve, reject) => {
      settle = (error) => (error === undefined ? resolve() : reject(error));
    });
    return { promise, settle };
  });
  const reads = costs.map((cost, index): AheadRead<number> => ({
    cost,
    read: async () => {
      begun.push(index);
      await ends[index]?.promise;
      return index;
    },
  }));
  return {
    begun,
    reads,
    end: (index: number) => ends[index]?.settle(),
    fail: (index: number) => ends[index]?.settle(new Error(`read ${index}`)),
  };
}

const flush = () => new Promise<void>((resolve) => void setImmediate(resolve));

test('yields in order, and a slow read does not hold up the others', async () => {
  const { begun, reads, end } = makeReads([1, 1, 1, 1]);
  const ahead = readAhead(reads, { atOnce: 2, budget: 10 });
  const first = ahead.next();
  expect(begun).toEqual([0, 1]);
  end(1);
  await flush();
  expect(begun).toEqual([0, 1, 2]);
  [0, 2, 3].forEach(end);
  expect((await first).value).toBe(0);
  const rest: number[] = [];
  for await (const index of ahead) rest.push(index);
  expect(rest).toEqual([1, 2, 3]);
});

test('what waits stays within the budget, but one alone may be larger', async () => {
  const { begun, reads, end } = makeReads([99, 6, 4, 1]);
  const ahead = readAhead(reads, { atOnce: 4, budget: 10 });
  const first = ahead.next();
  expect(begun).toEqual([0]);
  end(0);
  await first;
  const second = ahead.next();
  expect(begun).toEqual([0, 1, 2]);
  end(1);
  expect((await second).value).toBe(1);
  expect(begun).toEqual([0, 1, 2]);
  const third = ahead.next();
  await flush();
  expect(begun).toEqual([0, 1, 2, 3]);
  end(2);
  expect((await third).value).toBe(2);
  await ahead.return(0);
});

test('after a failure or when the caller stops, no further read begins', async () => {
  const failing = makeReads([1, 1, 1]);
  const ahead = readAhead(failing.reads, { atOnce: 2, budget: 10 });
  const first = ahead.next();
  failing.fail(1);
  await flush();
  failing.end(0);
  expect((await first).value).toBe(0);
  await expect(ahead.next()).rejects.toThrow('read 1');
  expect(failing.begun).toEqual([0, 1]);

  const stopped = makeReads([1, 1, 1]);
  stopped.end(0);
  for await (const index of readAhead(stopped.reads, { atOnce: 1, budget: 1 })) {
    expect(index).toBe(0);
    break;
  }
  await flush();
  expect(stopped.begun).toEqual([0]);
});
