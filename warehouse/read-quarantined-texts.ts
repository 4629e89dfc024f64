import type { AssetKey } from '../model/asset-key.ts';
import type { Warehouse } from './open-warehouse.ts';

/** What the quarantine shows of one line. */
export interface QuarantinedTexts {
  readonly sourceKey: string;
  readonly excerpt: string;
  readonly detail: string;
}

const BATCH = 1_000;

/** Reads all that is held back of these assets. */
export async function* readQuarantinedTexts(
  { sql }: Warehouse,
  assets: readonly AssetKey[],
): AsyncGenerator<QuarantinedTexts, void, undefined> {
  const rows = sql<{ source_key: string; excerpt: string; detail: string }[]>`
    select source_key, excerpt, detail
    from hourloom.quarantine
    where asset in ${sql(assets)}
  `.cursor(BATCH);
  for await (const batch of rows) {
    for (const { source_key: sourceKey, excerpt, detail } of batch) yield { sourceKey, excerpt, detail };
  }
}
