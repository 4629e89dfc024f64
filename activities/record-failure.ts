import type { PartitionRef } from '../model/partition.ts';
import { recordFailure as writeFailure } from '../warehouse/record-failure.ts';
import type { Dependencies } from './dependencies.ts';

export interface FailureInput {
  readonly partition: PartitionRef;
  /** One sentence for a person. */
  readonly reason: string;
  /** Whether the same run could have gone well at another time. */
  readonly retryable: boolean;
}

/** Keeps the end of a failed run for longer than Temporal does. */
export async function recordFailure(
  { warehouse }: Pick<Dependencies, 'warehouse'>,
  input: FailureInput,
): Promise<void> {
  await writeFailure(warehouse, input.partition, { reason: input.reason, retryable: input.retryable });
}
