import type { AssetCode } from '../model/asset-code.ts';
import type { AssetKey } from '../model/asset-key.ts';
import type { PipelineSpec } from '../model/pipeline-spec.ts';
import { sha256Hex } from '../record/sha256-hex.ts';

/**
 * The code of a pipeline as a whole, registered under its name, which is no asset's key: it differs also where a table
 * came or went, of which the code of no other table tells.
 */
export function pipelineCode({ name, events, tables }: Pick<PipelineSpec, 'name' | 'events' | 'tables'>): AssetCode {
  const code = Object.fromEntries([events, ...tables].map(({ asset, codeVersion }) => [asset, codeVersion]));
  const lines = Object.entries(code).map(([asset, codeVersion]) => `${asset} ${codeVersion}`);
  return {
    asset: name as string as AssetKey,
    codeVersion: sha256Hex(lines.sort().join('\n')),
    code,
    functionDigest: undefined,
  };
}
