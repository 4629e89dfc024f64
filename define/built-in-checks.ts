import type { Timestamp } from '../record/contract-types.ts';
import { makeCheck } from './check.ts';
import type { Check } from './check.ts';
import { readCheckedColumn } from './checked-columns.ts';
import type { CheckedColumn } from './checked-columns.ts';
import type { Scalar } from './column.ts';
import { DefinitionError } from './definition-error.ts';
import { parseDuration } from './duration.ts';
import type { Duration } from './duration.ts';

/** At least one of the two. */
export interface RowCountBounds {
  readonly min?: number;
  readonly max?: number;
}

/** How many rows a partition has: `rowCount({ min: 1, max: 1_000_000 })`. */
export function rowCount({ min, max }: RowCountBounds): Check<unknown> {
  const isCount = (bound: number): boolean => Number.isSafeInteger(bound) && bound >= 0;
  const given = [min, max].filter((bound) => bound !== undefined);
  if (given.length === 0 || !given.every(isCount) || (min ?? 0) > (max ?? Infinity)) {
    throw new DefinitionError('rowCount()', 'has no range. Write rowCount({ min: 1, max: 1_000_000 }).');
  }
  const bounds = { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
  return makeCheck({ name: 'row_count', rule: () => ({ kind: 'row_count', ...bounds }) });
}

/** Which share of a partition's rows has null in a column: `nullRate(vehicle_latitude, { max: 0.1 })`. */
export function nullRate(column: CheckedColumn<Scalar, true>, { max }: { readonly max: number }): Check<unknown> {
  const { name, nullable } = readCheckedColumn('nullRate()', column);
  if (!nullable) throw new DefinitionError('nullRate()', `"${name}" is never null. Leave the check out.`);
  assertShare('nullRate()', max);
  return makeCheck({ name: `null_rate(${name})`, rule: () => ({ kind: 'null_rate', column: name, max }) });
}

/**
 * No two rows of a partition have the same values in these columns: `unique(order_number)`. The key itself always is,
 * and rows with a null among the columns are like no other.
 */
export function unique(...columns: readonly [CheckedColumn, ...CheckedColumn[]]): Check<unknown> {
  const names = columns.map((column) => readCheckedColumn('unique()', column).name);
  if (names.length === 0 || new Set(names).size !== names.length) {
    throw new DefinitionError('unique()', 'names no column, or one twice. Write unique(order_number).');
  }
  return makeCheck({ name: `unique(${names.join(', ')})`, rule: () => ({ kind: 'unique', columns: names }) });
}

/**
 * The newest event of a window is at most so long before its end: `eventTime(at, { within: '1 hour' })`. A partition
 * without any event passes; whether there should be some is for `rowCount` to say.
 */
export function eventTime(column: CheckedColumn<Timestamp>, { within }: { readonly within: Duration }): Check<unknown> {
  const { name, type } = readCheckedColumn('eventTime()', column);
  if (type !== 'timestamptz') {
    throw new DefinitionError('eventTime()', `"${name}" holds no time. Name a column of a timestamp().`);
  }
  const withinMs = parseDuration('eventTime()', within);
  return makeCheck({
    name: `event_time(${name})`,
    rule: (where, { window }) => {
      if (window) return { kind: 'event_time', column: name, withinMs };
      throw new DefinitionError(where, 'eventTime holds events against the end of a window, and there is none.');
    },
  });
}

/** Which share of the table's lines is held back in quarantine: `rejects({ max: 0.01 })`. */
export function rejects({ max }: { readonly max: number }): Check<unknown> {
  assertShare('rejects()', max);
  return makeCheck({
    name: 'rejects',
    rule: (where, { madeOf }) => {
      if (madeOf.kind === 'records') return { kind: 'rejects', max };
      throw new DefinitionError(
        where,
        madeOf.kind === 'parts'
          ? 'rejects: a record is held back as a whole. Check the table that the record itself is for.'
          : 'rejects: nothing of a derived asset is held back. Check what it reads instead.',
      );
    },
  });
}

function assertShare(check: string, max: number): void {
  if (Number.isFinite(max) && max >= 0 && max < 1) return;
  throw new DefinitionError(check, `${max} is no share from 0 to below 1. Write { max: 0.01 } for one in a hundred.`);
}
