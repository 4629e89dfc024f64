import type { WindowKind } from '../model/window.ts';
import { formatPartition } from '../model/window.ts';
import type { KeptCheckResult } from '../warehouse/read-check-results.ts';

/** A check's result for programs. */
export interface CheckDocument {
  readonly partition: string;
  readonly name: string;
  readonly blocking: boolean;
  readonly passed: boolean;
  readonly value: number | null;
  readonly detail: string;
  /** Whether it is about the rows that are visible; else about an attempt that it refused. */
  readonly visible: boolean;
  readonly checkedAt: string;
}

/** `window` is undefined where the asset is one whole. */
export function describeCheckResult(
  { window }: { readonly window: WindowKind | undefined },
  { start, name, blocking, passed, value, detail, visible, checkedAt }: KeptCheckResult,
): CheckDocument {
  const partition = formatPartition(window, start);
  return { partition, name, blocking, passed, value, detail, visible, checkedAt: new Date(checkedAt).toISOString() };
}

/** The verdict in a word or two. `refused`: the rows never became visible. */
export function sayCheckResult({ passed, blocking }: Pick<KeptCheckResult, 'passed' | 'blocking'>): string {
  if (passed) return 'passed';
  return blocking ? 'refused' : 'warning';
}
