import * as v from 'valibot';
import { asset, hourly, key, table, timestamp } from '../../define/index.ts';
import type { AssetOptions, MakeCall, Table } from '../../define/index.ts';
import { readLog } from '../../lake/read-log.ts';
import type { PipelineName } from '../../model/asset-key.ts';
import { readAttemptNotes } from '../../warehouse/read-attempt-notes.ts';
import type { KeptNote } from '../../warehouse/read-attempt-notes.ts';
import { openStack } from '../hour/open-stack.ts';

export const HOUR = Date.parse('2026-02-03T04:00:00Z');
export const hourAt = (index: number): number => HOUR + index * 3_600_000;

const Measure = v.object({ name: v.string(), at: timestamp(), value: v.number() });

/** A record that the contract takes, where the value is a number. */
export const measure = (value: unknown, name = `m${String(value)}`) => ({ name, at: '2026-02-03T04:00:00Z', value });

/** Yields three good records. */
export async function* yieldThree() {
  for (const value of [1, 2, 3]) yield measure(value);
}

/** What the function does at the moment, and how often it was called since it was told. */
export interface Behaviour {
  behave: (call: MakeCall) => AsyncIterable<unknown>;
  calls: number;
}

/** A stack with one asset, whose function does what it is told. */
export async function openMeasures(name: string, options: { readonly timeout?: AssetOptions<Table>['timeout'] } = {}) {
  const behaviour: Behaviour = { behave: yieldThree, calls: 0 };
  const measures = asset(`${name}/measures`, {
    window: hourly('2026-02-01T00'),
    settle: '1 minute',
    version: 1,
    timeout: options.timeout ?? '2 seconds',
    table: table(Measure, ({ name, at, value }, line) => ({ name: key(name), at, value, line: line.number })),
    make(call) {
      behaviour.calls += 1;
      return behaviour.behave(call);
    },
  });
  const stack = await openStack(measures, { secrets: new Map([['TOKEN', 'open/sesame']]) });
  const { sql } = stack.warehouse;
  const schema = sql(name);
  return {
    stack,
    behaviour,
    measures,
    /** The rows of the newest load. */
    readRows: async () => [
      ...(await sql`
        select name, value, line
        from ${schema}.measures
        where load_id in (select max(load_id) from ${schema}.measures)
        order by name
      `),
    ],
    readNotes: (start: number) => readAttemptNotes(sql, { pipeline: name as PipelineName, start }),
    readLines: async ({ log }: KeptNote) => (log ? readLog(stack.lake, log) : []),
    /** The newest failure that is on record. */
    async readFailure() {
      const [failure] = await sql<{ reason: string; retryable: boolean }[]>`
        select reason, retryable from hourloom.last_failure order by failed_at desc
      `;
      return { ...failure! };
    },
  };
}
