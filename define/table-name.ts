import { MAX_IDENTIFIER_BYTES, parseAssetKey, parsePipelineName } from '../model/asset-key.ts';
import type { AssetKey, PipelineName } from '../model/asset-key.ts';
import { DefinitionError } from './definition-error.ts';

/** The SQL schema that holds the tables of this name: a pipeline's name, or the first part of a derived asset's key. */
export function readSchemaName(where: string, name: string): PipelineName {
  const schema = parsePipelineName(name);
  if (schema === undefined) throw nameError(where, 'is no name');
  if (isReservedSchema(schema)) {
    throw new DefinitionError(where, `the SQL schema "${name}" is taken. Choose another name.`);
  }
  return schema;
}

/** The asset of a table: its schema, then its name. */
export function makeAssetKey(where: string, schema: PipelineName, name: string): AssetKey {
  const asset = parseAssetKey(`${schema}/${name}`);
  if (asset === undefined || name.includes('/')) throw nameError(where, `"${name}" is no name`);
  return asset;
}

/** Tables of users have schemas of their own: not ours, and none of Postgres. */
function isReservedSchema(name: PipelineName): boolean {
  return name === 'hourloom' || name === 'public' || name === 'information_schema' || name.startsWith('pg_');
}

function nameError(where: string, problem: string): DefinitionError {
  return new DefinitionError(
    where,
    `${problem}. Use lower case letters, digits and _, at most ${MAX_IDENTIFIER_BYTES}.`,
  );
}
