import type { KeyMatch } from './match-key.ts';
import type { PipelineSpec, SourceSpec } from './pipeline-spec.ts';
import type { Instant } from './window.ts';

/**
 * Why an object under a source's prefix belongs to no window, so that no hour ever lists it.
 *
 * - `pattern`: its name is none of the pipeline's files; skipped.
 * - `marker`: what a console makes for a folder; skipped.
 * - `before_first`: of the time before the pipeline's first window; skipped.
 * - `key`: of the right shape, with a name that cannot be right; rejected.
 */
export type StrayKind = 'pattern' | 'marker' | 'before_first' | 'key';

/** In the order in which they are shown. */
export const STRAY_KINDS: readonly StrayKind[] = ['key', 'pattern', 'before_first', 'marker'];

/** An object of no window. */
export interface Stray {
  readonly key: string;
  /** In bytes. */
  readonly size: number;
  readonly writtenAt: Instant;
}

/** How many objects a survey has seen, and which of them belong to no window. */
export interface SurveyTally {
  readonly objects: number;
  readonly strays: Readonly<Record<StrayKind, StrayTally>>;
}

export interface StrayTally {
  readonly count: number;
  /** The hundred last written, the newest first. */
  readonly latest: readonly Stray[];
}

/** Of each kind; a person who sees a hundred knows what they are. */
export const MAX_STRAYS = 100;

/** A pass over a source's whole prefix: how far it is. */
export interface Survey {
  readonly beganAt: Instant;
  /** When it was at its end, or had come as far as it is. */
  readonly notedAt: Instant;
  /** The key after which it goes on; undefined where it has seen all. */
  readonly after: string | undefined;
  readonly tally: SurveyTally;
}

/** What is on record of a pipeline's surveys: the last that has seen all, and the one that is under way. */
export interface Surveys {
  readonly whole: Survey | undefined;
  readonly open: Survey | undefined;
}

const DAY_MS = 86_400_000;

/** Whether the next part of a survey is to be made: one is under way, or the last began a day ago. */
export function isSurveyDue({ whole, open }: Surveys, now: Instant): boolean {
  return open !== undefined || whole === undefined || now - whole.beganAt >= DAY_MS;
}

/**
 * Whether a pipeline's source is surveyed: only where names tell the time can an object belong to no window. Where the
 * time of writing does, each belongs to one, and is listed by it.
 */
export function isSurveyed(source: SourceSpec): boolean {
  return source.kind === 's3' && source.hourOf === 'keyTime';
}

/** Why an object belongs to no window; undefined where it belongs to one. */
export function strayKindOf(match: KeyMatch, { window }: Pick<PipelineSpec, 'window'>): StrayKind | undefined {
  if (match.kind !== 'match') return match.reason;
  return match.at !== undefined && match.at < window.first ? 'before_first' : undefined;
}

/** Nothing was seen yet. */
export function emptyTally(): SurveyTally {
  const none = { count: 0, latest: [] };
  return { objects: 0, strays: { pattern: none, marker: none, before_first: none, key: none } };
}

/** Adds what was seen next: so many objects, and these of no window among them. */
export function addSeen(
  { objects, strays }: SurveyTally,
  seen: number,
  found: readonly (Stray & { readonly kind: StrayKind })[],
): SurveyTally {
  const add = (kind: StrayKind): StrayTally => {
    const more = found.filter((stray) => stray.kind === kind);
    if (more.length === 0) return strays[kind];
    const latest = [...strays[kind].latest, ...more.map(({ key, size, writtenAt }) => ({ key, size, writtenAt }))]
      .sort((a, b) => b.writtenAt - a.writtenAt)
      .slice(0, MAX_STRAYS);
    return { count: strays[kind].count + more.length, latest };
  };
  return {
    objects: objects + seen,
    strays: {
      pattern: add('pattern'),
      marker: add('marker'),
      before_first: add('before_first'),
      key: add('key'),
    },
  };
}

/** How many objects of no window there are, of all kinds. */
export function countStrays({ strays }: SurveyTally): number {
  return STRAY_KINDS.reduce((sum, kind) => sum + strays[kind].count, 0);
}
