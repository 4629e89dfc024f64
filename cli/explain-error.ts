import { inspect } from 'node:util';
import { exitCodeOf } from './exit-code.ts';

/** Names and passwords inside an address. */
const CREDENTIALS = /\/\/[^\s/@]*:[^\s/@]*@/gu;

/**
 * One sentence for the person at the terminal: what happened and what to do, without a stack and without secrets.
 * `detailed` adds all that is known, for those who look for a bug.
 */
export function explainError(error: unknown, { detailed = false }: { readonly detailed?: boolean } = {}): string {
  const text = detailed ? inspect(error) : explain(error);
  return text.replace(CREDENTIALS, '//***@');
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.message === '' && error.errors.length > 0)
    return explain(error.errors[0]);
  const { code } = error as { code?: unknown };
  const isBare = exitCodeOf(error) === 4 && error.name !== 'UnreachableError';
  if (isBare && typeof code === 'number')
    return 'Temporal does not answer. Check TEMPORAL_ADDRESS, or start everything with: npm start';
  return error.message === '' ? error.name : error.message;
}
