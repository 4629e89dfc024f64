import { RULE } from '../record/contract-types.ts';
import { digestFunction } from './code-version.ts';

/** Of the texts of a contract's rules, for the tripwire; undefined where it has none. */
export function digestRules(contract: unknown): string | undefined {
  const rules = [...listRules(contract, new Set())];
  return rules.length === 0 ? undefined : digestFunction(...rules);
}

/** Wherever they stand: in the record's pipe, or in that of one of its values. A schema may hold itself. */
function* listRules(node: unknown, seen: Set<object>): Generator<unknown, void> {
  if (typeof node !== 'object' || node === null || seen.has(node)) return;
  seen.add(node);
  if ('type' in node && node.type === RULE && 'holds' in node) yield node.holds;
  for (const member of Object.values(node)) yield* listRules(member, seen);
}
