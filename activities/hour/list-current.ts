import { createHash } from 'node:crypto';
import { cancellationSignal } from '@temporalio/activity';
import { putWhole } from '../../lake/put-whole.ts';
import type { PartitionRef } from '../../model/partition.ts';
import { holdCurrent } from '../../warehouse/hold-current.ts';
import { getPipeline } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';

/** Writes which Parquet is current on the day of a window, one small object for each table. */
export async function listCurrent(
  { lake, warehouse, pipelines }: Pick<Dependencies, 'lake' | 'warehouse' | 'pipelines'>,
  { pipeline, start }: PartitionRef,
): Promise<void> {
  const { window: kind, tables } = getPipeline({ pipelines }, pipeline).spec;
  const signal = cancellationSignal();
  for (const { asset } of tables.filter(({ parquet }) => parquet === true)) {
    await holdCurrent(warehouse, { asset, kind, start }, async (key, bytes) => {
      const digest = createHash('sha256').update(bytes).digest('hex');
      await putWhole(lake, { key, size: bytes.length, digest }, bytes, signal);
    });
  }
}
