import { listInputs } from '../model/list-inputs.ts';
import type { PartitionRef } from '../model/partition.ts';
import type { PipelineSpec } from '../model/pipeline-spec.ts';
import { sha256Hex } from '../record/sha256-hex.ts';
import { digestInputs } from '../warehouse/digest-inputs.ts';
import type { Dependencies } from './dependencies.ts';

/**
 * What a run tried: its input and the code of today, as one digest. What failed of this and cannot succeed is not tried
 * again before it changes. Undefined where this worker knows nothing of the partition.
 */
export async function digestTried(
  { warehouse, pipelines, graph }: Pick<Dependencies, 'warehouse' | 'pipelines' | 'graph'>,
  { pipeline, start }: PartitionRef,
  inputDigest: string | undefined,
): Promise<string | undefined> {
  const spec = pipelines.get(pipeline)?.spec;
  if (spec) return digestHourTried(spec, inputDigest);
  const node = [...graph.values()].find(({ key }) => key === (pipeline as string));
  if (node?.kind !== 'derived') return undefined;
  const { ranges } = listInputs(graph, node.derived, start, Date.now());
  const [input] = await digestInputs(warehouse.sql, [ranges]);
  return digestDerivedTried(node.codeVersion, input?.digest ?? '');
}

/** For a window of a pipeline; `inputDigest` is undefined where the run failed before it could list its input. */
export function digestHourTried({ events, tables }: PipelineSpec, inputDigest: string | undefined): string {
  const code = [events, ...tables].map(({ asset, codeVersion }) => `${asset} ${codeVersion}`);
  return sha256Hex([inputDigest ?? 'not listed', ...code].join('\n'));
}

/** For a partition of a derived asset. */
export function digestDerivedTried(codeVersion: string, inputDigest: string): string {
  return sha256Hex([inputDigest, codeVersion].join('\n'));
}
