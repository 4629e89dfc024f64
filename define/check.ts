import { MAX_IDENTIFIER_BYTES } from '../model/asset-key.ts';
import type { AssetKey } from '../model/asset-key.ts';
import type { CheckRule } from '../model/check-spec.ts';
import type { WindowKind } from '../model/window.ts';
import type { CheckFunction } from '../record/check-function.ts';
import { DefinitionError } from './definition-error.ts';

const checkMark = Symbol.for('hourloom.check');

/** What a check is declared for, besides its columns. */
export interface CheckSubject {
  /** Undefined where the asset is one whole. */
  readonly window: WindowKind | undefined;
  /**
   * `records`: a pipeline's table, whose lines can be held back; `parts`: one of a part of those records. `reads`: the
   * assets that a derived one reads.
   */
  readonly madeOf:
    | { readonly kind: 'records' | 'parts' }
    | { readonly kind: 'reads'; readonly reads: readonly AssetKey[] };
}

export interface CheckParts {
  readonly name: string;
  readonly blocking: boolean;
  /** Holds the check against its table; throws a `DefinitionError` where the two do not fit. */
  readonly rule: (where: string, subject: CheckSubject) => CheckRule;
  /** What a `function` rule calls. */
  readonly run?: CheckFunction;
}

/**
 * An assertion about the new rows of one partition. A warning, which is told and kept, unless it is `blocking(…)`.
 * `Needs` is what it takes a row to be.
 */
export interface Check<Needs = never> {
  readonly [checkMark]: CheckParts;
  /** Only in the types. */
  readonly needs?: (row: Needs) => void;
}

/**
 * A check that must pass before rows become visible: where it fails, the partition stays as it was and its run fails.
 *
 *     blocking(rowCount({ min: 1 }))
 */
export function blocking<Needs>(check: Check<Needs>): Check<Needs> {
  return { ...check, [checkMark]: { ...check[checkMark], blocking: true } };
}

/** A warning, until `blocking` says otherwise. */
export function makeCheck<Needs>(parts: Omit<CheckParts, 'blocking'>): Check<Needs> {
  return { [checkMark]: { ...parts, blocking: false } };
}

/** What a value in a definition says of its check; undefined where it is none. */
export function findCheck(value: unknown): CheckParts | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Partial<Check>)[checkMark];
}

/** Refuses what no check of the user's own can be called. */
export function assertCheckName(where: string, name: string): void {
  if (/^[a-z][a-z0-9_]*$/u.test(name) && name.length <= MAX_IDENTIFIER_BYTES) return;
  throw new DefinitionError(
    where,
    `"${name}" is no name of a check. Use lower case letters, digits and _, at most ${MAX_IDENTIFIER_BYTES}.`,
  );
}
