import * as v from 'valibot';
import type { WindowSpec } from '../../model/window.ts';
import { hashedUuid, hourly, key, pipeline, s3Files, table, timestamp } from '../../define/index.ts';

const Reading = v.object({ on: v.literal('reading'), at: timestamp(), id: v.string(), value: v.number() });
const Alarm = v.object({ on: v.literal('alarm'), at: timestamp(), id: v.string(), text: v.string() });

/** A small pipeline of two tables; its source bucket bears its name, so that tests do not meet. */
export function makeTelemetry(name: string, window: WindowSpec = hourly('2026-01-01T00')) {
  return pipeline(name, {
    source: s3Files(`s3://${name.replaceAll('_', '-')}/in/{yyyy}-{MM}-{dd}-{HH}-{m}.json`),
    window,
    settle: window.unit === 'hour' ? '1 minute' : '0 seconds',
    promise: '20 minutes',
    splitBy: 'on',
    tables: {
      readings: table(Reading, ({ id, at, value }, line) => ({
        reading_id: key(hashedUuid(id, at)),
        at,
        value,
        source: line.sourceKey,
      })),
      alarms: table(Alarm, ({ id, at, text }, line) => ({ id: key(id), at, text, line: line.number })),
    },
  });
}

export type Telemetry = ReturnType<typeof makeTelemetry>;

/** `files` files of `lines` readings and one alarm each, all of the hour that begins at `start`. */
export function makeReadings(start: number, { files, lines }: { readonly files: number; readonly lines: number }) {
  const hour = new Date(start).toISOString().slice(0, 13).replace('T', '-');
  return Array.from({ length: files }, (_, file) => ({
    key: `in/${hour}-${file}.json`,
    body: [
      ...Array.from({ length: lines }, (_, line) => ({
        on: 'reading',
        at: new Date(start + file * 60_000 + line).toISOString(),
        id: `sensor-${line % 7}`,
        value: line / 4,
      })),
      { on: 'alarm', at: new Date(start + file * 60_000).toISOString(), id: `alarm-${file}`, text: 'too hot' },
    ]
      .map((record) => `${JSON.stringify(record)}\n`)
      .join(''),
  }));
}
