/** A point in time: milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;

/** The parts that time is cut into. All windows are in UTC and named by their start. */
export type WindowKind =
  | { readonly unit: 'hour' }
  | { readonly unit: 'day' }
  | { readonly unit: 'month' }
  | { readonly unit: 'every'; readonly ms: number };

/** A window kind and the first window there can be. */
export type WindowSpec = WindowKind & { readonly first: Instant };

/** Half open: `start` belongs to it, `end` does not. */
export interface Window {
  readonly start: Instant;
  readonly end: Instant;
}

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/**
 * Windows of one kind are numbered from 1970-01-01T00:00Z on (months: from January 1970), so that ranges are
 * arithmetic on integers and never lists of hundreds of thousands of keys.
 */
export function windowIndex(kind: WindowKind, at: Instant): number {
  if (kind.unit !== 'month') return Math.floor(at / windowLengthMs(kind));
  const date = new Date(at);
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
}

/** The window with this number. */
export function windowAt(kind: WindowKind, index: number): Window {
  return { start: windowStart(kind, index), end: windowStart(kind, index + 1) };
}

/** The window that holds this instant. */
export function windowOf(kind: WindowKind, at: Instant): Window {
  return windowAt(kind, windowIndex(kind, at));
}

function windowStart(kind: WindowKind, index: number): Instant {
  if (kind.unit !== 'month') return index * windowLengthMs(kind);
  return Date.UTC(1970, index, 1);
}

/** How long each window of a kind is. Months have no one length. */
export function windowLengthMs(kind: Exclude<WindowKind, { unit: 'month' }>): number {
  switch (kind.unit) {
    case 'hour':
      return HOUR_MS;
    case 'day':
      return DAY_MS;
    case 'every':
      return kind.ms;
  }
}

/** What a window is called: `hour`, `day`, `month`, `15 minutes`. */
export function formatWindowKind(kind: WindowKind): string {
  if (kind.unit !== 'every') return kind.unit;
  const seconds = kind.ms / SECOND_MS;
  if (seconds % 3_600 === 0) return `${seconds / 3_600} hours`;
  return seconds % 60 === 0 ? `${seconds / 60} minutes` : `${seconds} seconds`;
}

/**
 * The name of a partition is its window's start, as short as its kind allows:
 * `2019-06-01T18` (hour), `2019-06-01` (day), `2019-06` (month), `2019-06-01T18:15` or `2019-06-01T18:15:10` (every).
 * The one partition of an asset without windows is `whole`.
 */
export function formatPartition(kind: WindowKind | undefined, start: Instant): string {
  if (!kind) return 'whole';
  const iso = new Date(start).toISOString();
  switch (kind.unit) {
    case 'hour':
      return iso.slice(0, 13);
    case 'day':
      return iso.slice(0, 10);
    case 'month':
      return iso.slice(0, 7);
    case 'every':
      return kind.ms % (60 * SECOND_MS) === 0 ? iso.slice(0, 16) : iso.slice(0, 19);
  }
}

const PARTITION = /^(\d{4})-(\d{2})(?:-(\d{2})(?:T(\d{2})(?::(\d{2})(?::(\d{2}))?)?Z?)?)?$/u;

/**
 * Reads a partition's name that a person or another program wrote; the inverse of `formatPartition`, which also takes
 * longer spellings of the same start (`2019-06-01T18:00:00Z`). Undefined where the text is no start of a window, or
 * shorter than its name: a day is not its first hour.
 */
export function parsePartition(kind: WindowKind, text: string): Instant | undefined {
  const match = PARTITION.exec(text);
  if (!match || text.length < formatPartition(kind, 0).length) return undefined;
  const [, year, month, day = '01', hour = '00', minute = '00', second = '00'] = match;
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const at = Date.parse(iso);
  // Date.parse takes 30 February as 1 March; only what prints the same was a real date.
  if (Number.isNaN(at) || new Date(at).toISOString() !== iso) return undefined;
  return windowOf(kind, at).start === at ? at : undefined;
}
