import * as v from 'valibot';
import { expect, test } from 'vitest';
import { direct, hourly, key, person, pipeline, s3Files, table } from '../../define/index.ts';
import type { PipelineOptions, Table } from '../../define/index.ts';
import { definitionOf } from '../hour/open-stack.ts';

const Request = v.object({ n: v.string(), 'customer-id': v.nullish(v.string()), email: v.nullish(v.string()) });

type Options = Partial<PipelineOptions<Readonly<Record<string, Table>>>>;

function specOf(requests: Table, more: Options = {}) {
  return definitionOf(
    pipeline('shop', {
      source: s3Files('s3://shop/{yyyy}-{MM}-{dd}/{HH}/{table}.json'),
      window: hourly('2026-01-01T00'),
      tables: { requests },
      ...more,
    }),
  ).spec;
}

const asking = (options?: object): Table =>
  table(
    Request,
    (request) => ({ n: key(request.n), customer_id: person(request['customer-id']), email: direct(request.email) }),
    options,
  );

test('a table whose records ask for erasures says so, and is another one than without', () => {
  const [asks] = specOf(asking({ asks: 'erasure' })).tables;
  const [plain] = specOf(asking()).tables;
  expect(asks).toMatchObject({ name: 'requests', asks: 'erasure' });
  expect(plain).not.toHaveProperty('asks');
  expect(asks?.codeVersion).not.toBe(plain?.codeVersion);
});

test('one that names nobody, or asks for something else, is refused', () => {
  const nobody = table(Request, ({ n }) => ({ n: key(n) }), { asks: 'erasure' });
  expect(() => specOf(nobody)).toThrow(
    "table 'shop/requests': asks for erasures, but none of its columns says whose: wrap the id in person(…), the e-mail in direct(…).",
  );
  expect(() => specOf(asking({ asks: 'mercy' }))).toThrow(
    "table 'shop/requests': asks: 'mercy' asks for nothing. There is asks: 'erasure'.",
  );
});

test('a zone is the name of one, and no part of any code version', () => {
  const zoned = specOf(asking(), { zone: 'Europe/Zagreb' });
  const plain = specOf(asking());
  expect(zoned.zone).toBe('Europe/Zagreb');
  expect(plain).not.toHaveProperty('zone');
  expect([zoned.events.codeVersion, zoned.tables[0]?.codeVersion]).toEqual([
    plain.events.codeVersion,
    plain.tables[0]?.codeVersion,
  ]);
  for (const zone of ['europe/zagreb', '+01:00', 'Croatia']) {
    expect(() => specOf(asking(), { zone })).toThrow(
      `pipeline 'shop': zone '${zone}' is no name of a time zone. Write one of the IANA's list, such as 'Europe/Zagreb'.`,
    );
  }
});
