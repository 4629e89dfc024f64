import { formatPartition, parsePartition } from '../model/window.ts';
import type { WindowKind, WindowSpec } from '../model/window.ts';
import { DefinitionError } from './definition-error.ts';
import { parseDuration } from './duration.ts';
import type { Duration } from './duration.ts';

/** Shown, as a window's name, in place of one that is wrong. */
const EXAMPLE = Date.UTC(2026, 0, 1);

/**
 * One partition for each hour, from `first` on: `hourly('2019-06-01T18')`. All windows are in UTC. Without `first`, which
 * derived assets alone can do, they begin with what is read.
 */
export function hourly(): WindowKind;
export function hourly(first: string): WindowSpec;
export function hourly(first?: string): WindowKind {
  return windowFrom({ unit: 'hour' }, first);
}

/** One partition for each day, from `first` on: `daily('2019-06-01')`. */
export function daily(): WindowKind;
export function daily(first: string): WindowSpec;
export function daily(first?: string): WindowKind {
  return windowFrom({ unit: 'day' }, first);
}

/** One partition for each month, from `first` on: `monthly('2025-02')`. */
export function monthly(): WindowKind;
export function monthly(first: string): WindowSpec;
export function monthly(first?: string): WindowKind {
  return windowFrom({ unit: 'month' }, first);
}

/**
 * One partition for each stretch of this length, counted from midnight UTC: `every('15 minutes', '2026-01-01T00:00')`.
 * The length must divide a day, so that windows begin at the same times each day.
 */
export function every(length: Duration): WindowKind;
export function every(length: Duration, first: string): WindowSpec;
export function every(length: Duration, first?: string): WindowKind {
  const ms = parseDuration('every()', length);
  if (ms === 0 || 86_400_000 % ms !== 0) {
    throw new DefinitionError(
      'every()',
      `"${length}" does not divide a day. Choose a length such as '15 minutes' or '6 hours'.`,
    );
  }
  return windowFrom({ unit: 'every', ms }, first);
}

/** Whether a window says which is the earliest one. */
export function hasFirst(window: WindowKind): window is WindowSpec {
  return 'first' in window;
}

function windowFrom(kind: WindowKind, first: string | undefined): WindowKind {
  if (first === undefined) return kind;
  const start = parsePartition(kind, first);
  if (start === undefined) {
    const example = formatPartition(kind, EXAMPLE);
    throw new DefinitionError('window', `"${first}" is not the start of a window. Write it as '${example}'.`);
  }
  const spec: WindowSpec = { ...kind, first: start };
  return spec;
}
