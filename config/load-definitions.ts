import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { collectDefinitions } from '../define/definitions.ts';
import type { Definitions } from '../define/definitions.ts';
import { DefinitionError } from '../define/definition-error.ts';
import { ConfigurationError } from './errors.ts';
import { placeSources } from './place-sources.ts';

/** The definitions of the project itself, beside this folder in the sources and in the build alike. */
const OWN_ASSETS = fileURLToPath(
  new URL(`../assets/index${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

/** The module that declares what is made: `assets` as a path, or the project's own. */
export function definitionsFile(assets: string | undefined): string {
  return assets === undefined ? OWN_ASSETS : resolve(assets);
}

/**
 * Imports the module that declares what is made: `assets` as a path, or the project's own. The core is handed
 * definitions as a value and never imports them. `sources` says where their documents are. A broken one is a `ConfigurationError` that names the place.
 */
export async function loadDefinitions(
  assets: string | undefined,
  sources: ReadonlyMap<string, string> = new Map(),
): Promise<Definitions> {
  const file = definitionsFile(assets);
  if (!existsSync(file)) throw new ConfigurationError(`There are no definitions at ${file}. Correct HOURLOOM_ASSETS.`);
  let exported: Record<string, unknown>;
  try {
    exported = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    const problem = explainImport(error);
    throw new ConfigurationError(
      error instanceof DefinitionError ? problem : `The definitions in ${file} cannot be loaded: ${problem}`,
      { cause: error },
    );
  }
  try {
    return placeSources(collectDefinitions(file, exported), sources);
  } catch (error) {
    if (error instanceof DefinitionError) throw new ConfigurationError(error.message, { cause: error });
    throw error;
  }
}

function explainImport(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isForeign = 'code' in error && error.code === 'ERR_UNKNOWN_FILE_EXTENSION';
  return isForeign
    ? `Node ${process.version} reads JavaScript alone. Compile them, and name what came of it.`
    : error.message;
}
