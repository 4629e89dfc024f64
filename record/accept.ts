import { getDotPath, safeParse } from 'valibot';
import type { BaseIssue, GenericSchema } from 'valibot';
import { compileContract } from './compile-contract.ts';
import { TIMESTAMP_EXPECTED } from './contract-types.ts';
import type { JsonObject } from './decode-line.ts';
import { quarantined } from './quarantined.ts';
import type { Quarantined, QuarantineReason } from './quarantined.ts';

/** A record that keeps its contract, as the contract gives it. */
export interface Accepted {
  readonly kind: 'good';
  readonly value: unknown;
}

export type Accept = (record: JsonObject) => Accepted | Quarantined;

const MAX_ISSUES = 3;
const MAX_RECEIVED_LENGTH = 80;

/**
 * Makes the gate of one contract. A record that keeps it passes as it is, or as the contract's transformations make it;
 * any other is held back, with the paths of the first misfits and what was expected there.
 */
export function compileAccept(contract: GenericSchema): Accept {
  const holds = compileContract(contract);
  return (record) => {
    if (holds?.(record)) return { kind: 'good', value: record };
    const result = safeParse(contract, record);
    return result.success ? { kind: 'good', value: result.output } : describeMisfit(result.issues);
  };
}

function describeMisfit(issues: readonly [BaseIssue<unknown>, ...BaseIssue<unknown>[]]): Quarantined {
  const more = issues.length > MAX_ISSUES ? `; and ${issues.length - MAX_ISSUES} more` : '';
  return quarantined(reasonOf(issues[0]), issues.slice(0, MAX_ISSUES).map(describeIssue).join('; ') + more);
}

function reasonOf(issue: BaseIssue<unknown>): QuarantineReason {
  if (issue.expected === TIMESTAMP_EXPECTED.timestamp) return 'timestamp';
  if (issue.expected === TIMESTAMP_EXPECTED.time_window) return 'time_window';
  return 'schema';
}

function describeIssue(issue: BaseIssue<unknown>): string {
  const path = getDotPath(issue) ?? 'the record';
  if (issue.path?.at(-1)?.origin === 'key') return `${path}: expected a value, received nothing`;
  // A check with a function of its own expects nothing that could be said, but its message can.
  if (issue.expected === null) return `${path}: ${issue.message}`;
  const received = issue.received === 'undefined' ? 'nothing' : issue.received.slice(0, MAX_RECEIVED_LENGTH);
  return `${path}: expected ${issue.expected}, received ${received}`;
}
