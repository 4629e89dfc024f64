import type { DeclaredPipeline } from '../define/definitions.ts';
import type { Lake } from '../lake/open-lake.ts';
import { readEventCounts } from '../model/event-counts.ts';
import type { LineCounts } from '../model/counts.ts';
import { formatOf } from '../model/file-format.ts';
import { formatPartition, windowAt, windowIndex, windowOf } from '../model/window.ts';
import type { Instant } from '../model/window.ts';
import type { stageSegments } from '../testing/stage-segments.ts';
import type { ScratchDifference } from '../warehouse/compare-scratch.ts';
import type { Warehouse } from '../warehouse/open-warehouse.ts';

/** What a definition makes of one window, beside what is published of it. */
export interface ComparedWindow extends ScratchDifference {
  readonly pipeline: string;
  readonly partition: string;
  /** Where the records came from. */
  readonly from: 'merged object' | 'sample' | 'source';
  readonly counts: LineCounts;
  readonly heldAfter: Readonly<Record<string, number>>;
}

export interface CompareOptions {
  readonly warehouse: Warehouse;
  readonly lake: Lake;
  /** The start of the window; undefined: the newest that is made, else the newest that is settled. */
  readonly asked: Instant | undefined;
  readonly now: Instant;
}

/** Runs one window through a definition, in this process, and compares. Nothing is published, nothing stays. */
export async function compareWindow(
  pipeline: DeclaredPipeline,
  { warehouse, lake, asked, now }: CompareOptions,
): Promise<ComparedWindow> {
  const [{ stageSegments: stage }, { compareScratch }] = await Promise.all([
    import('../testing/stage-segments.ts'),
    import('../warehouse/compare-scratch.ts'),
  ]);
  const { spec } = pipeline;
  const start = asked ?? (await findNewest(pipeline, warehouse, now));
  const partition = { pipeline: spec.name, start };
  const { from, segments } = await openSegments(pipeline, warehouse, lake, start);
  const { counts, chunks, reasons } = await stage(pipeline, segments);
  const tables = spec.tables.map((table) => ({ table, chunks: chunks.get(table.name) ?? [] }));
  const difference = await compareScratch(warehouse, partition, tables);
  return {
    pipeline: spec.name,
    partition: formatPartition(spec.window, start),
    from,
    counts,
    heldAfter: reasons,
    ...difference,
  };
}

async function findNewest({ spec }: DeclaredPipeline, { sql }: Warehouse, now: Instant): Promise<Instant> {
  const { summarizeAsset } = await import('../warehouse/summarize-asset.ts');
  const { newest } = await summarizeAsset(sql, { asset: spec.events.asset, codeVersion: spec.events.codeVersion });
  return newest ?? windowAt(spec.window, windowIndex(spec.window, now - spec.settleMs) - 1).start;
}

type Segments = Parameters<typeof stageSegments>[1];

/** From what the lake has of the window, so that the source is not asked at each change; else its sample, else the source. */
async function openSegments(
  { spec, sample }: DeclaredPipeline,
  { sql }: Warehouse,
  lake: Lake,
  start: Instant,
): Promise<{ readonly from: ComparedWindow['from']; readonly segments: Segments }> {
  const [{ readMergedObject, readSourceWindow }, { readFiles }, { readVisible }] = await Promise.all([
    import('../testing/read-window.ts'),
    import('../testing/read-files.ts'),
    import('../warehouse/read-ledger.ts'),
  ]);
  const window = windowOf(spec.window, start);
  const visible = await readVisible(sql, { pipeline: spec.name, start });
  const events = visible.find(({ asset }) => asset === spec.events.asset);
  const merged =
    events?.objectKey === undefined
      ? undefined
      : readMergedObject(lake, spec, {
          key: events.objectKey,
          size: readEventCounts(events.counts).bytes,
          window,
        });
  if (merged) return { from: 'merged object', segments: merged };
  if (!sample) return { from: 'source', segments: readSourceWindow(lake, spec, window) };
  const files = sample(window).map(({ key, body }) => ({ key, open: () => once(Buffer.from(body)) }));
  return { from: 'sample', segments: readFiles(files, formatOf(spec.source), window) };
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
