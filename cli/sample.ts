import type { HourResult } from '../model/hour-run.ts';
import { getS3Source } from '../model/get-s3-source.ts';
import type { ConnectedClient } from '../client/connect-client.ts';
import { followRun } from '../client/follow-run.ts';
import type { RunEnd } from '../client/follow-run.ts';
import { startHour } from '../client/start-hour.ts';
import type { DeclaredPipeline } from '../define/definitions.ts';
import type { Lake } from '../lake/open-lake.ts';
import { parseKeyPattern } from '../model/key-pattern.ts';
import { matchKey } from '../model/match-key.ts';
import { formatPartition, windowAt, windowIndex, windowOf } from '../model/window.ts';
import type { Window } from '../model/window.ts';
import { feedFiles } from './feed-files.ts';
import type { Output } from './output.ts';

const WINDOWS = 3;
const FEED_EVERY_MS = 20_000;

/** A window of a sample that was made, or the word why not. */
export interface MadeWindow {
  readonly pipeline: string;
  readonly partition: string;
  readonly result: RunEnd<HourResult>;
}

export interface SampleOptions {
  readonly connected: ConnectedClient;
  readonly lake: Lake;
  readonly taskQueue: string;
  readonly output: Output;
  readonly now: number;
}

/** Feeds the last settled windows of a pipeline from its sample, and makes them. */
export async function makeSampleWindows(
  pipeline: DeclaredPipeline,
  { connected, lake, taskQueue, output, now }: SampleOptions,
): Promise<readonly MadeWindow[]> {
  const { spec, sample } = pipeline;
  if (!sample) return [];
  const windows = lastSettledWindows(pipeline, now);
  const files = windows.flatMap((window) => sample(window));
  const progress = output.progress(`Feeding ${spec.name}`, files.length);
  await feedFiles(lake, getS3Source(spec).bucket, files, progress.advance).finally(progress.stop);

  const making = output.progress(`Making ${spec.name}`, windows.length);
  let made = 0;
  const make = async ({ start }: Window): Promise<MadeWindow> => {
    const partition = { pipeline: spec.name, start };
    const started = await startHour(connected.client, { window: spec.window, partition, taskQueue, input: {} });
    const result = await followRun(connected, started.handle, output.note);
    making.advance((made += 1));
    return { pipeline: spec.name, partition: formatPartition(spec.window, start), result };
  };
  return await Promise.all(windows.map(make)).finally(making.stop);
}

/** Goes on feeding the present window as its time passes, until `signal` ends it. A failure is said and tried again. */
export function keepFeeding(
  { spec, sample }: DeclaredPipeline,
  lake: Lake,
  note: (line: string) => void,
  signal: AbortSignal,
): void {
  if (!sample) return;
  const source = getS3Source(spec);
  const pattern = parseKeyPattern(source.pattern, source.tables);
  let fedUntil = 0;
  const feed = async (): Promise<void> => {
    const now = Date.now();
    const files = sample(windowOf(spec.window, now)).filter(({ key }) => {
      const match = matchKey(pattern, key, source.clockOffsetMinutes);
      return match.kind === 'match' && match.at !== undefined && match.at > fedUntil && match.at <= now;
    });
    await feedFiles(lake, source.bucket, files, () => {});
    fedUntil = now;
  };
  const tick = (): void => void feed().catch((error: Error) => note(`The sample could not be fed: ${error.message}`));
  tick();
  const timer = setInterval(tick, FEED_EVERY_MS);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}

function lastSettledWindows({ spec }: DeclaredPipeline, now: number): readonly Window[] {
  const lastIndex = windowIndex(spec.window, now - spec.settleMs) - 1;
  return Array.from({ length: WINDOWS }, (_, back) => windowAt(spec.window, lastIndex - back))
    .filter(({ start }) => start >= spec.window.first)
    .reverse();
}
