import { getDotPath, safeParse } from 'valibot';
import type { BaseIssue, GenericSchema } from 'valibot';
import { compileContract, foundNothing } from './compile-contract.ts';
import { readShape } from './contract-shape.ts';
import { RULE, TIMESTAMP_EXPECTED } from './contract-types.ts';
import type { JsonObject } from './decode-line.ts';
import { findNulledFields } from './find-fields.ts';
import { quarantined } from './quarantined.ts';
import type { Quarantined, QuarantineReason } from './quarantined.ts';

/** A record that keeps its contract, as the contract gives it. */
export interface Accepted {
  readonly kind: 'good';
  readonly value: unknown;
  /** The contract is known to know all of its fields; else somebody has to look. */
  readonly isKnown: boolean;
  /** The fields that did not fit and became null. */
  readonly nulled: readonly string[];
}

/** `names` is how many names of fields the record has, at all depths, where that is known. */
export type Accept = (record: JsonObject, names?: number) => Accepted | Quarantined;

const MAX_ISSUES = 3;
const MAX_RECEIVED_LENGTH = 80;
const NONE: readonly string[] = [];

/**
 * Makes the gate of one contract. A record that keeps it passes as it is, or as the contract's transformations make it;
 * any other is held back, with the paths of the first misfits and what was expected there.
 */
export function compileAccept(contract: GenericSchema): Accept {
  const found = foundNothing();
  const holds = compileContract(contract, found);
  const shape = readShape(contract);
  return (record, names) => {
    found.names = 0;
    if (holds?.(record)) {
      const isKnown = found.isSure && found.names === names;
      // Where a rule could have seen more than the contract names, the parse decides, which shows it no more.
      if (isKnown || !found.seesObjects) return { kind: 'good', value: record, isKnown, nulled: NONE };
    }
    const result = safeParse(contract, record);
    if (!result.success) return describeMisfit(result.issues);
    const nulled = shape.holdsOrNull ? findNulledFields(shape, record, result.output) : NONE;
    return { kind: 'good', value: result.output, isKnown: false, nulled };
  };
}

function describeMisfit(issues: readonly [BaseIssue<unknown>, ...BaseIssue<unknown>[]]): Quarantined {
  const more = issues.length > MAX_ISSUES ? `; and ${issues.length - MAX_ISSUES} more` : '';
  return quarantined(reasonOf(issues[0]), issues.slice(0, MAX_ISSUES).map(describeIssue).join('; ') + more);
}

function reasonOf(issue: BaseIssue<unknown>): QuarantineReason {
  if (issue.type === RULE) return 'rule';
  if (issue.expected === TIMESTAMP_EXPECTED.timestamp) return 'timestamp';
  if (issue.expected === TIMESTAMP_EXPECTED.time_window) return 'time_window';
  return 'schema';
}

function describeIssue(issue: BaseIssue<unknown>): string {
  const place = getDotPath(issue);
  if (issue.type === RULE) return place === null ? issue.message : `${place}: ${issue.message}`;
  const path = place ?? 'the record';
  if (issue.expected === 'never') return `${path}: the contract has no such field`;
  if (issue.path?.at(-1)?.origin === 'key') return `${path}: expected a value, received nothing`;
  // A check with a function of its own expects nothing that could be said, but its message can.
  if (issue.expected === null) return `${path}: ${issue.message}`;
  const received = issue.received === 'undefined' ? 'nothing' : issue.received.slice(0, MAX_RECEIVED_LENGTH);
  return `${path}: expected ${issue.expected}, received ${received}`;
}
