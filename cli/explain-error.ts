import { inspect } from 'node:util';
import { isFileError } from './exit-code.ts';

export interface ExplainOptions {
  /** Adds all that is known, for those who look for a bug. */
  readonly detailed: boolean;
  /** Never shown, whatever an error says. */
  readonly secrets: readonly string[];
}

/** Names and passwords inside an address. */
const CREDENTIALS = /\/\/[^\s/@]*:[^\s/@]*@/gu;

/** One sentence for the person at the terminal: what happened and what to do, without a stack and without secrets. */
export function explainError(error: unknown, { detailed, secrets }: ExplainOptions): string {
  const text = detailed ? inspect(error) : explain(error);
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), text.replace(CREDENTIALS, '//***@'));
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (isFileError(error))
    return `${error.path} cannot be used (${error.code}). Correct its name or who may read and write it.`;
  return error.message === '' ? error.name : error.message;
}
