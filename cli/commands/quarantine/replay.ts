import type { Command } from '../../command.ts';
import { graphOf } from '../../find-asset.ts';
import { readHeldAssets } from '../../read-held-assets.ts';
import type { RangeOptions } from '../../read-range.ts';
import { start } from '../backfill/start.ts';
import type { StartOptions } from '../backfill/start.ts';

export interface ReplayOptions extends RangeOptions, Pick<StartOptions, 'width' | 'id' | 'dryRun' | 'yes' | 'wait'> {
  readonly pipeline: string;
  readonly reason?: string;
}

/**
 * Makes the windows again that hold something back, as a backfill of exactly those: from the lake, or from the source
 * where whole files could not be used.
 */
export const replay: Command<ReplayOptions> = async (context, { pipeline, ...options }) => {
  const graph = graphOf(await context.loadDefinitions());
  const [meant] = readHeldAssets(graph, pipeline).pipelines;
  const asset = meant?.name ?? pipeline;
  await start(context, { ...options, asset, only: 'quarantined', order: 'oldest' });
};
