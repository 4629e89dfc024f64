import { DefinitionError } from './definition-error.ts';
import type { TableColumn } from './table.ts';

/** Throws where records could ask for nothing: no column of theirs says who is meant. `asks` may be anything in JavaScript. */
export function assertAsks(where: string, asks: unknown, columns: readonly TableColumn[]): void {
  if (asks !== 'erasure') {
    throw new DefinitionError(where, `asks: '${String(asks)}' asks for nothing. There is asks: 'erasure'.`);
  }
  if (columns.some(({ pii }) => pii === 'person' || pii === 'direct')) return;
  throw new DefinitionError(
    where,
    'asks for erasures, but none of its columns says whose: wrap the id in person(…), the e-mail in direct(…).',
  );
}
