import * as v from 'valibot';
import { expect, test } from 'vitest';
import {
  daily,
  derived,
  findDerived,
  findPipeline,
  hourly,
  key,
  pipeline,
  s3Files,
  sql,
  table,
  uuid,
  window,
} from '../../define/index.ts';
import type { PromiseOptions } from '../../define/promise.ts';

const Car = v.object({ id: uuid() });

function declare(promise: PromiseOptions) {
  return pipeline('fleet', {
    source: s3Files('s3://fleet/{yyyy}-{MM}-{dd}-{HH}.json'),
    window: hourly('2019-06-01T18'),
    tables: { car: table(Car, ({ id }) => ({ id: key(id) })) },
    ...promise,
  });
}

const fleet = declare({});
const options = { key: ['id'], row: Car } as const;
const perDay = sql`select id from ${fleet.car} where now() <@ ${window}`;

test('a promise is data, from its first window on, and no part of the code version', () => {
  const plain = findPipeline(fleet)!.spec;
  const promising = findPipeline(declare({ promise: '20 minutes', promisedFrom: '2026-01-01T00' }))!.spec;
  expect(plain.promiseMs).toBeUndefined();
  expect(promising).toEqual({ ...plain, promiseMs: 1_200_000, promisedFrom: Date.parse('2026-01-01T00:00:00Z') });
});

test('a derived asset with windows promises too', () => {
  const spec = findDerived(derived('fleet/daily', { ...options, window: daily(), sql: perDay, promise: '2 hours' }));
  expect(spec?.promiseMs).toBe(7_200_000);
});

test.each([
  [
    () => declare({ promisedFrom: '2026-01-01T00' }),
    "has `promisedFrom` and promises nothing. Add promise: '20 minutes', or leave it out.",
  ],
  [
    () => declare({ promise: '1 hour', promisedFrom: '2026-01-01' }),
    'promises from "2026-01-01", which is not the start of a window. Write it as \'2026-01-01T00\'.',
  ],
  [
    () => derived('fleet/all', { ...options, sql: sql`select id from ${fleet.car}`, promise: '1 hour' }),
    'promises windows and has none: it is one whole. Leave `promise` out, or add a window.',
  ],
])('what cannot be promised is refused (%#)', (declareIt, problem) => {
  expect(declareIt).toThrow(problem);
});
