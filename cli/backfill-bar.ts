import { Presets, SingleBar } from 'cli-progress';
import type { BackfillProgress } from '../model/backfill.ts';
import { formatDuration } from './format-time.ts';

/** What shows a person how far a backfill is. */
export interface BackfillBar {
  show(progress: BackfillProgress): void;
  /** Leaves the terminal as it was. */
  stop(): void;
}

const NOTE_EVERY_MS = 10_000;

/** A bar with rate and time left on a terminal; elsewhere a line now and then, so that a log shows that it goes on. */
export function openBackfillBar(id: string, note: (line: string) => void): BackfillBar {
  return process.stderr.isTTY ? openBar(id) : openNotes(id, note);
}

function openBar(id: string): BackfillBar {
  const bar = new SingleBar(
    {
      format: `${id} {bar} {value}/{total} · {rest}`,
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: true,
    },
    Presets.shades_grey,
  );
  let begun = false;
  return {
    show(progress) {
      const { done, total } = addDerived(progress);
      const payload = { rest: writeStand(progress) };
      if (!begun) bar.start(total, done, payload);
      begun = true;
      bar.setTotal(total);
      bar.update(done, payload);
    },
    stop: () => bar.stop(),
  };
}

function openNotes(id: string, note: (line: string) => void): BackfillBar {
  let saidAt = Date.now();
  return {
    show(progress) {
      if (Date.now() - saidAt < NOTE_EVERY_MS) return;
      saidAt = Date.now();
      const { done, total } = addDerived(progress);
      note(`${id}: ${done} of ${total} · ${writeStand(progress)}`);
    },
    stop: () => undefined,
  };
}

function writeStand(progress: BackfillProgress): string {
  return [progress.state, ...writeRest(progress)].join(' · ');
}

function addDerived({ done, total, derived }: BackfillProgress): { readonly done: number; readonly total: number } {
  return { done: done + derived.done, total: total + derived.total };
}

/** What a bar cannot show: `25.1 a second`, `1 min 20 s left`, `2 failed`; what nobody knows is left out. */
export function writeRest({ ratePerSecond, etaMs, failed, derived }: BackfillProgress): readonly string[] {
  const failures = failed + derived.failed;
  return [
    ...(ratePerSecond === null ? [] : [`${ratePerSecond.toFixed(1)} a second`]),
    ...(etaMs === null ? [] : [`${formatDuration(etaMs)} left`]),
    ...(failures === 0 ? [] : [`${failures} failed`]),
  ];
}
