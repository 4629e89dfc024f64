import type { GenericSchema } from 'valibot';
import type { ColumnSpec } from '../model/column.ts';
import { columnTypeOf } from '../record/contract-types.ts';
import { assertColumnName } from './column-name.ts';
import { contractEntries } from './contract-entries.ts';
import { DefinitionError } from './definition-error.ts';

/** The columns of a derived table, in the order in which its row was written. */
export function readColumns(where: string, row: GenericSchema): readonly ColumnSpec[] {
  const object = contractEntries(row);
  if (!object || object.nullable)
    throw new DefinitionError(where, 'its `row` is no object. Write it as v.object({ … }).');
  return Object.entries(object.entries).map(([name, entry]): ColumnSpec => {
    assertColumnName(where, name);
    if ('orNull' in entry) {
      throw new DefinitionError(
        where,
        `its \`row\` has orNull(…) for "${name}", which is for records of others. Write v.nullable(…), and give null.`,
      );
    }
    const leaf = columnTypeOf(entry);
    if (!leaf) {
      throw new DefinitionError(
        where,
        `no column can hold what \`row\` says of "${name}". Use a text, a number, a boolean, timestamp() or uuid().`,
      );
    }
    return { name, ...leaf, value: { kind: 'computed' } };
  });
}

/** The columns that tell rows of one partition apart. */
export function readColumnKey(
  where: string,
  key: readonly PropertyKey[],
  columns: readonly ColumnSpec[],
): readonly string[] {
  const names = key.map(String);
  if (names.length === 0 || new Set(names).size !== names.length) {
    throw new DefinitionError(where, 'its `key` names no column, or one twice. Name those that tell its rows apart.');
  }
  for (const name of names) {
    const column = columns.find((column) => column.name === name);
    if (!column) throw new DefinitionError(where, `its \`key\` names "${name}", which \`row\` lacks. Add it there.`);
    if (column.nullable)
      throw new DefinitionError(where, `its key "${name}" can be null. Make it required in \`row\`.`);
  }
  return names;
}
