declare const brand: unique symbol;

/** Names one asset for ever: `door2door/vehicle_location`. Renaming an asset makes a new asset. */
export type AssetKey = string & { readonly [brand]: 'AssetKey' };

/** Names one pipeline: `door2door`. It is also the SQL schema of its tables and the first part of its asset keys. */
export type PipelineName = string & { readonly [brand]: 'PipelineName' };

const NAME = '[a-z][a-z0-9_]*';
const ASSET_KEY = new RegExp(`^${NAME}(?:/${NAME})*$`, 'u');
const PIPELINE_NAME = new RegExp(`^${NAME}$`, 'u');

/** Postgres cuts longer identifiers without a word, so that two tables could become one. */
export const MAX_IDENTIFIER_BYTES = 63;

/** Reads a key that a person or another program wrote. The one place where asset keys are made from text. */
export function parseAssetKey(text: string): AssetKey | undefined {
  const fits = ASSET_KEY.test(text) && text.split('/').every((part) => part.length <= MAX_IDENTIFIER_BYTES);
  return fits ? (text as AssetKey) : undefined;
}

/** Reads a pipeline's name that a person or another program wrote. */
export function parsePipelineName(text: string): PipelineName | undefined {
  return PIPELINE_NAME.test(text) && text.length <= MAX_IDENTIFIER_BYTES ? (text as PipelineName) : undefined;
}
