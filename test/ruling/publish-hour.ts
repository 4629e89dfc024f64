import { gunzipSync } from 'node:zlib';
import type { AssetKey } from '../../model/asset-key.ts';
import type { LedgerEntry } from '../../model/ledger-entry.ts';
import type { PartitionRef } from '../../model/partition.ts';
import type { Instant } from '../../model/window.ts';
import type { PipelineDefinition } from '../../record/pipeline-definition.ts';
import { claimFence } from '../../warehouse/claim-fence.ts';
import { ensureTables } from '../../warehouse/ensure-tables.ts';
import { FencedError } from '../../warehouse/fence.ts';
import { migrateUp } from '../../warehouse/migrate.ts';
import { openWarehouse } from '../../warehouse/open-warehouse.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { publish } from '../../warehouse/publish.ts';
import { file, runRoad } from '../record/run-road.ts';
import { createDatabase } from '../support/services.ts';
import { hexDigest, SQL_FOLDER, streamChunks } from '../warehouse/fixtures.ts';

export interface SourceFile {
  readonly key: string;
  readonly body: string | Buffer;
}

/** A database of its own with the product's schema and a pipeline's tables. */
export async function openSet({ spec }: PipelineDefinition): Promise<Warehouse> {
  const warehouse = openWarehouse({ url: await createDatabase(), maxConnections: 8, applicationName: 'hourloom test' });
  await migrateUp(warehouse, SQL_FOLDER);
  await ensureTables(warehouse, spec.tables);
  return warehouse;
}

/** Carries a window's files along the real road and publishes what comes of them; what a whole run does, without Temporal. */
export async function publishHour(
  warehouse: Warehouse,
  definition: PipelineDefinition,
  start: Instant,
  files: readonly SourceFile[],
): Promise<void> {
  const { spec } = definition;
  const partition: PartitionRef = { pipeline: spec.name, start };
  const sorted = files.toSorted((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  const { result, chunks } = runRoad(
    definition,
    sorted.map(({ key, body }) => file(key, unpack(body))),
  );
  const entry = (asset: AssetKey, codeVersion: string, rowCount: number, counts: LedgerEntry['counts']) => ({
    ...{ asset, codeVersion, rowCount, counts },
    inputDigest: hexDigest(sorted.map(({ key }) => key).join('\n')),
    objectKey: undefined,
  });
  const fence = await claimFence(warehouse, partition);
  try {
    await publish(warehouse, {
      partition,
      fence,
      copies: spec.tables.map((table) => ({
        table,
        rows: result.tables[table.name]!.good,
        chunks: () => streamChunks(chunks[table.name] ?? []),
      })),
      quarantine: { rows: result.quarantineRows, chunks: () => streamChunks(chunks['quarantine']!) },
      ledger: spec.tables.map((table) => {
        const lines = result.tables[table.name]!;
        return entry(table.asset, table.codeVersion, lines.good, { ...lines });
      }),
    });
  } catch (error) {
    // Another attempt at the same window, begun later, publishes in its place.
    if (!(error instanceof FencedError)) throw error;
  }
}

function unpack(body: string | Buffer): string | Buffer {
  return typeof body !== 'string' && body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body) : body;
}

/** Runs work over all items, so many at once. */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const next = async () => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: width }, next));
}
