import * as v from 'valibot';
import type { BaseIssue, BaseValidation } from 'valibot';
import { RULE } from '../record/contract-types.ts';
import { DefinitionError } from './definition-error.ts';

export interface RuleOptions<Value> {
  /** Raised whenever `holds` would say something else: its text is not compared. A whole number from 1 on. */
  readonly version: number;
  /** What is wrong where it does not hold, as people read it in quarantine: `'total_cost is not the sum of its lines'`. */
  readonly reason: string;
  /** Whether a value keeps the rule. It sees what keeps the rest of the contract, and changes nothing. */
  readonly holds: (value: Value) => boolean;
}

/** A step of a contract's pipe. */
export interface Rule<Value> extends BaseValidation<Value, Value, BaseIssue<Value>> {
  readonly type: typeof RULE;
  readonly version: number;
  readonly reason: string;
  /** As it was given: its text is watched, see `define/digest-rules.ts`. */
  readonly holds: (value: Value) => boolean;
}

const MAX_ERROR_LENGTH = 200;

/**
 * A rule of one's own in a contract: `v.pipe(v.object({ … }), rule({ version: 1, reason: '…', holds: (record) => … }))`.
 * A record for which it does not hold is quarantined with the reason, and so is one for which `holds` throws.
 * Version and reason are part of the code version of the tables that the contract fills.
 */
export function rule<Value>({ version, reason, holds }: RuleOptions<Value>): Rule<Value> {
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new DefinitionError(
      'rule()',
      'has no `version`, a whole number from 1 on. Raise it whenever `holds` would say something else.',
    );
  }
  if (typeof reason !== 'string' || reason.trim() === '') {
    throw new DefinitionError('rule()', 'has no `reason`. Say in a sentence what is wrong where it does not hold.');
  }
  if (typeof holds !== 'function') {
    throw new DefinitionError('rule()', 'has no `holds`. Give a function that says whether a value keeps the rule.');
  }
  const check = v.rawCheck<Value>(({ dataset, addIssue }) => {
    if (!dataset.typed || dataset.issues) return;
    const message = judge(holds, dataset.value, reason);
    if (message !== undefined) addIssue({ message });
  });
  return { ...check, type: RULE, version, reason, holds };
}

/** What is wrong with a value; undefined where nothing is. */
function judge<Value>(holds: (value: Value) => boolean, value: Value, reason: string): string | undefined {
  try {
    const verdict: unknown = holds(value);
    if (typeof verdict === 'boolean') return verdict ? undefined : reason;
    // A promise comes too late, and one that rejects must not end the process.
    if (verdict instanceof Promise) verdict.catch(() => undefined);
    return `${reason}: the rule gave ${typeof verdict} in place of true or false`;
  } catch (error) {
    const thrown = error instanceof Error ? error.message : String(error);
    return `${reason}: the rule threw "${thrown.slice(0, MAX_ERROR_LENGTH)}"`;
  }
}
