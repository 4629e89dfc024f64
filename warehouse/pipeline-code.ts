import type { AssetCode } from '../model/asset-code.ts';
import type { AssetKey } from '../model/asset-key.ts';
import type { PipelineSpec } from '../model/pipeline-spec.ts';
import { describeWindow } from '../model/window.ts';
import { sha256Hex } from '../record/sha256-hex.ts';

/**
 * The code of a pipeline as a whole, registered under its name, which is no asset's key: it differs also where a table
 * came or went, of which the code of no other table tells, and where it has other windows.
 */
export function pipelineCode({
  name,
  window,
  events,
  tables,
}: Pick<PipelineSpec, 'name' | 'window' | 'events' | 'tables'>): AssetCode {
  const code = Object.fromEntries([events, ...tables].map(({ asset, codeVersion }) => [asset, codeVersion]));
  const kind = describeWindow(window);
  const lines = Object.entries(code).map(([asset, codeVersion]) => `${asset} ${codeVersion}`);
  return {
    asset: name as string as AssetKey,
    codeVersion: sha256Hex([...lines.sort(), JSON.stringify(kind)].join('\n')),
    code: { ...code, window: kind },
    functionDigest: undefined,
  };
}
