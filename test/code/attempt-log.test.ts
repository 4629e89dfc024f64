import { expect, test } from 'vitest';
import { AttemptLog } from '../../activities/make/attempt-log.ts';
import { createRedact } from '../../activities/make/redact.ts';

const secrets = ['open/sesame "1"', 'text', 'x'];

function open(limits?: ConstructorParameters<typeof AttemptLog>[1]) {
  const log = new AttemptLog(createRedact(secrets), limits);
  return { log, read: () => readLines(log.close()) };
}

test('a secret is taken out wherever it stands, as it is and as addresses write it, and the line stays a line', () => {
  const { log, read } = open();
  log.add(`key ${secrets[0]}`, { url: `?k=${encodeURIComponent(secrets[0]!)}`, deep: [{ [secrets[0]!]: secrets[0] }] });
  log.add(JSON.stringify({ text: secrets[0] }));
  expect(read()).toEqual([
    { text: 'key ***', fields: { url: '?k=***', deep: [{ '***': '***' }] } },
    { text: '{"***":"***"}' },
  ]);
});

test('a secret that is cut is not shown in part', () => {
  const { log, read } = open();
  log.add('.'.repeat(3_995) + secrets[0]!);
  log.add('circle', { a: 1n, long: '.'.repeat(3_970) + secrets[0]! });
  const [first, second] = read() as { text: string; fields?: string }[];
  expect(first!.text.slice(3_990)).toBe('.....***');
  expect(second!.fields!.length).toBeLessThanOrEqual(4_001);
  expect(second!.fields).not.toContain('open');
});

test('lines beyond the limit are counted, by number and by bytes, and a short one does not slip in after', () => {
  const { log, read } = open({ lines: 10, bytes: 300 });
  log.add('a'.repeat(200));
  log.add('b'.repeat(200));
  log.add('c');
  expect((read() as { text: string }[]).map(({ text }) => text)).toEqual([
    'a'.repeat(200),
    '2 more lines were left out: a log holds 10 lines and 300 bytes.',
  ]);
});

test('nothing is taken after the end, whatever it is', () => {
  const { log, read } = open();
  log.note({ stations: 1 });
  expect(read()).toEqual([]);
  log.add('late');
  log.note({ stations: 2 });
  expect(log.meta).toEqual({ stations: 1 });
  expect(read()).toEqual([]);
});

test('what is given in plain JavaScript is taken as it can be', () => {
  const { log, read } = open();
  log.add(undefined as never);
  log.add({ a: 1 } as never, 'fields' as never);
  log.note(null as never);
  log.note({ a: undefined as never, 'b\0': 1, c: '\ud800', d: Number.NaN });
  expect(log.meta).toBeUndefined();
  expect((read() as { text: string }[]).map(({ text }) => text)).toEqual([
    'undefined',
    '{ a: 1 }',
    'meta leaves out "a": it is undefined',
    'meta leaves out "b\0": it has a NUL, or half of a surrogate pair',
    'meta leaves out "c": it has a NUL, or half of a surrogate pair',
    'meta leaves out "d": it is NaN',
  ]);
});

function readLines(lines: Buffer): readonly object[] {
  return lines
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { at, ...rest } = JSON.parse(line) as { at: string };
      expect(Date.parse(at)).toBeGreaterThan(0);
      return rest;
    });
}
