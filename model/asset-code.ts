import type { AssetKey } from './asset-key.ts';
import type { CodeDescription } from './code-description.ts';
import { tableOf } from './graph.ts';
import type { AssetGraph, AssetNode } from './graph.ts';

/** The code of an asset, as a deploy registers it. */
export interface AssetCode {
  readonly asset: AssetKey;
  readonly codeVersion: string;
  readonly code: CodeDescription;
  /** Of the text of its function; undefined where it has none. 64 hex digits. */
  readonly functionDigest: string | undefined;
}

/** The code of every asset of a graph, by key. */
export function listAssetCode(graph: AssetGraph): readonly AssetCode[] {
  return [...graph.values()].map((node) => ({
    asset: node.key,
    codeVersion: node.codeVersion,
    code: codeOf(node) ?? {},
    functionDigest: functionDigestOf(node),
  }));
}

function codeOf(node: AssetNode): CodeDescription | undefined {
  return node.kind === 'events' ? node.pipeline.events.code : tableOf(node)?.code;
}

function functionDigestOf(node: AssetNode): string | undefined {
  switch (node.kind) {
    case 'events': {
      const { source } = node.pipeline;
      return source.kind === 'code' ? source.functionDigest : undefined;
    }
    case 'table':
      return tableOf(node)?.functionDigest;
    case 'derived': {
      const { computation } = node.derived;
      return computation.kind === 'function' ? computation.functionDigest : undefined;
    }
  }
}
