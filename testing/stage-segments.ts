import type { LineCounts } from '../model/counts.ts';
import { createRecordRoad } from '../record/create-record-road.ts';
import type { PipelineDefinition } from '../record/pipeline-definition.ts';
import type { Segment } from '../record/segment.ts';

/** A window's rows as Postgres takes them, in memory. */
export interface StagedSegments {
  readonly counts: LineCounts;
  /** By table, its rows as chunks of COPY BINARY. */
  readonly chunks: ReadonlyMap<string, readonly Buffer[]>;
  /** How many lines and files each reason held back. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** A window whose rows do not fit here is for a worker. */
const MAX_BYTES = 512 * 1024 * 1024;

/** Carries segments along a definition's road and keeps all rows. Throws a `RangeError` where they are too many. */
export async function stageSegments(
  definition: PipelineDefinition,
  segments: AsyncIterable<Segment>,
): Promise<StagedSegments> {
  const chunks = new Map<string, Buffer[]>(definition.spec.tables.map(({ name }) => [name, []]));
  let bytes = 0;
  const road = createRecordRoad(definition, {
    rows({ name }, chunk) {
      bytes += chunk.length;
      chunks.get(name)?.push(chunk);
    },
    quarantine: () => undefined,
  });
  for await (const segment of segments) {
    road.push(segment);
    if (bytes > MAX_BYTES)
      throw new RangeError(`The window has more than ${MAX_BYTES} bytes of rows. Choose a smaller one.`);
  }
  const { lines, reasons } = road.finish();
  return { counts: lines, chunks, reasons };
}
