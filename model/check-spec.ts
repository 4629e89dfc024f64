import type { SqlPart } from './derived-spec.ts';

/** One piece of a check's statement: as in a derived asset's, or what stands for the rows of the load that is checked. */
export type CheckSqlPart = SqlPart | { readonly kind: 'rows' };

/** What a check holds a partition's new rows to. Shares are from 0 to 1. */
export type CheckRule =
  | { readonly kind: 'row_count'; readonly min?: number; readonly max?: number }
  /** At most this share of the rows has no value in the column. */
  | { readonly kind: 'null_rate'; readonly column: string; readonly max: number }
  /** No two rows have the same values in these columns; rows with a null among them are like no other. */
  | { readonly kind: 'unique'; readonly columns: readonly string[] }
  /** The newest time in the column is at most so long before the window's end. */
  | { readonly kind: 'event_time'; readonly column: string; readonly withinMs: number }
  /** At most this share of the table's lines is held back in quarantine. */
  | { readonly kind: 'rejects'; readonly max: number }
  /** The statement gives the rows that offend. */
  | { readonly kind: 'sql'; readonly statement: readonly CheckSqlPart[] }
  /** Its text is not compared; whoever changes its verdicts raises the number. */
  | { readonly kind: 'function'; readonly version: number };

/** A check as plain data. A function itself is none: it travels beside, to the worker alone. */
export interface CheckSpec {
  /** Its own within its table. */
  readonly name: string;
  /** Whether rows that fail it are published. */
  readonly blocking: boolean;
  readonly rule: CheckRule;
}

/** What a check is called whose name is taken for the one that nobody declares: fields that the contract does not know. */
export const NEW_FIELDS = 'new_fields';

/** The rule in words, for lists: `at most 10 % null`. */
export function describeRule(rule: CheckRule): string {
  switch (rule.kind) {
    case 'row_count':
      return [
        ...(rule.min === undefined ? [] : [`at least ${rule.min}`]),
        ...(rule.max === undefined ? [] : [`at most ${rule.max}`]),
      ].join(', ');
    case 'null_rate':
    case 'rejects':
      return `at most ${formatShare(rule.max)}`;
    case 'unique':
      return 'no two rows alike';
    case 'event_time':
      return `the newest at most ${formatSeconds(rule.withinMs)} before the window’s end`;
    case 'sql':
      return 'a statement that gives no rows';
    case 'function':
      return `a function, version ${rule.version}`;
  }
}

/** `0.125` as `12.5 %`. */
export function formatShare(share: number): string {
  return `${Number((share * 100).toPrecision(4))} %`;
}

/** In whole seconds, or with what there is of a fraction. */
export function formatSeconds(ms: number): string {
  return `${ms / 1_000} s`;
}
