import type { PartitionRef } from '../model/partition.ts';
import { TerminalError } from '../model/terminal-error.ts';
import { formatPartitionRef } from './format-partition-ref.ts';

declare const brand: unique symbol;

/**
 * The number of an attempt at a partition. It rises with every attempt and is unique over all partitions; what the
 * attempt publishes carries it as its `load_id`. A safe integer, so that it travels through JSON and compares as a number.
 */
export type Fence = number & { readonly [brand]: 'Fence' };

/** A newer attempt has taken over, so this one must not publish; it would fail the same way again. */
export class FencedError extends TerminalError {
  readonly partition: PartitionRef;
  readonly fence: Fence;
  /** The fence that holds now. */
  readonly newest: Fence;

  constructor(partition: PartitionRef, fence: Fence, newest: Fence) {
    super(
      `Attempt ${fence} at ${formatPartitionRef(partition)} published nothing: attempt ${newest} has taken over. ` +
        'Look at the newer one; nothing else needs to be done.',
    );
    this.name = 'FencedError';
    this.partition = partition;
    this.fence = fence;
    this.newest = newest;
  }
}
