import type { AssetGraph } from '../model/graph.ts';
import { selectAssets, SelectionError } from '../model/select-assets.ts';
import type { Selection } from '../model/select-assets.ts';
import { UsageError } from './errors.ts';

/** The assets that a person chose, all of them where nothing was written; a `UsageError` says what there is. */
export function select(graph: AssetGraph, text: string | undefined): Selection {
  try {
    return selectAssets(graph, text ?? '');
  } catch (error) {
    if (error instanceof SelectionError) throw new UsageError(error.message);
    throw error;
  }
}
