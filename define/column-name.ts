import { MAX_IDENTIFIER_BYTES } from '../model/asset-key.ts';
import { DefinitionError } from './definition-error.ts';

/** Every table has these already. */
const POSTGRES_COLUMNS = new Set(['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid']);

/** Refuses a name that no column of a table can have. */
export function assertColumnName(where: string, name: string): void {
  if (!/^[a-z_][a-z0-9_]*$/u.test(name) || name.length > MAX_IDENTIFIER_BYTES) {
    throw new DefinitionError(
      where,
      `"${name}" is no column name. Use lower case letters, digits and _, at most ${MAX_IDENTIFIER_BYTES}.`,
    );
  }
  if (name === 'load_id')
    throw new DefinitionError(where, 'the column name "load_id" is taken by Hourloom. Choose another.');
  if (POSTGRES_COLUMNS.has(name)) {
    throw new DefinitionError(where, `the column name "${name}" is taken by Postgres. Choose another.`);
  }
}
