import { formatSeconds, formatShare } from '../model/check-spec.ts';
import type { CheckRule } from '../model/check-spec.ts';
import type { CheckResult } from '../model/check-result.ts';
import type { LedgerEntry } from '../model/ledger-entry.ts';
import type { Instant, Window } from '../model/window.ts';
import { quoteIdentifier } from '../record/identifier.ts';

/** What a rule found. */
export type Verdict = Pick<CheckResult, 'passed' | 'value' | 'detail'>;

/** Rules that are held against numbers: those that the ledger has, and one each that the server takes of the rows. */
export type MeasuredRule = Exclude<CheckRule, { readonly kind: 'sql' | 'function' }>;

/** Whether a rule is held against numbers, and not asked in SQL or of a function. */
export function isMeasured(rule: CheckRule): rule is MeasuredRule {
  return rule.kind !== 'sql' && rule.kind !== 'function';
}

/** The one aggregate over a table's rows that a rule follows from; undefined where the ledger has it already. */
export function measureOf(rule: MeasuredRule): string | undefined {
  switch (rule.kind) {
    case 'row_count':
    case 'rejects':
      return undefined;
    case 'null_rate':
      return `count(*) filter (where ${quoteIdentifier(rule.column)} is null)`;
    case 'unique': {
      const columns = rule.columns.map(quoteIdentifier);
      const whole = `filter (where ${columns.map((column) => `${column} is not null`).join(' and ')})`;
      return `count(*) ${whole} - count(distinct (${columns.join(', ')})) ${whole}`;
    }
    case 'event_time':
      return `extract(epoch from max(${quoteIdentifier(rule.column)})) * 1000`;
  }
}

/** What a rule is held against. */
export interface Measured {
  readonly entry: Pick<LedgerEntry, 'rowCount' | 'counts'>;
  readonly window: Window | undefined;
  /** A window that is not over at this moment is held to be as old as it is by now. */
  readonly now: Instant;
  /** What `measureOf` gave; null where there was nothing to take it of. */
  readonly measure: number | null;
}

/** Holds a rule against what was measured. */
export function judge(rule: MeasuredRule, { entry, window, now, measure }: Measured): Verdict {
  const { rowCount } = entry;
  switch (rule.kind) {
    case 'row_count': {
      const { min = 0, max = Number.MAX_SAFE_INTEGER } = rule;
      const expected = [
        ...(rule.min === undefined ? [] : [`at least ${rule.min}`]),
        ...(rule.max === undefined ? [] : [`at most ${rule.max}`]),
      ].join(' and ');
      const passed = rowCount >= min && rowCount <= max;
      return { passed, value: rowCount, detail: `${countOf(rowCount, 'row')}; ${expected} expected` };
    }
    case 'null_rate':
      return judgeShare(rule.max, measure ?? 0, rowCount, `${countOf(rowCount, 'row')} null in "${rule.column}"`);
    case 'unique': {
      const repeated = measure ?? 0;
      const columns = rule.columns.map((column) => `"${column}"`).join(', ');
      const detail =
        repeated === 0
          ? `no row repeats ${columns}`
          : `${countOf(repeated, 'row')} of ${rowCount} ${repeated === 1 ? 'repeats' : 'repeat'} ${columns}`;
      return { passed: repeated === 0, value: repeated, detail };
    }
    case 'event_time':
      return judgeEventTime(rule.withinMs, { window, now, measure });
    case 'rejects': {
      const { lines = 0, quarantined = 0 } = entry.counts;
      return judgeShare(rule.max, quarantined, lines, `${countOf(lines, 'line')} held back`);
    }
  }
}

function judgeEventTime(
  withinMs: number,
  { window, now, measure }: Pick<Measured, 'window' | 'now' | 'measure'>,
): Verdict {
  if (measure === null || !window) return { passed: true, value: null, detail: 'no event, so none that is old' };
  const isOver = window.end <= now;
  const ageMs = (isOver ? window.end : now) - measure;
  const than = isOver ? 'the window’s end' : 'it was made';
  const side = ageMs < 0 ? 'after' : 'before';
  const allowed = `at most ${formatSeconds(withinMs)}${ageMs < 0 ? ' before it' : ''} allowed`;
  return {
    passed: ageMs <= withinMs,
    value: ageMs / 1_000,
    detail: `the newest is of ${new Date(measure).toISOString()}, ${formatSeconds(Math.abs(ageMs))} ${side} ${than}; ${allowed}`,
  };
}

function judgeShare(max: number, part: number, whole: number, what: string): Verdict {
  const value = whole === 0 ? 0 : part / whole;
  return {
    passed: value <= max,
    value,
    detail: `${part} of ${what} (${formatShare(value)}); at most ${formatShare(max)} allowed`,
  };
}

function countOf(n: number, noun: string): string {
  return n === 1 ? `1 ${noun}` : `${n} ${noun}s`;
}
