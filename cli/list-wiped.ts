import { currentWindow } from '../model/hive-layout.ts';
import type { Instant, WindowKind } from '../model/window.ts';
import type { WipedPartition } from '../warehouse/wipe.ts';

/**
 * Passes on what goes, in its order, and has the list of a day's current Parquet written when the last of the day went,
 * also where what follows fails. A process that is killed before that leaves a list that `gc` writes.
 */
export async function* listWiped(
  wiped: AsyncIterable<WipedPartition>,
  kind: WindowKind,
  list: (start: Instant) => Promise<void>,
): AsyncGenerator<WipedPartition, void, undefined> {
  let unlisted: Instant | undefined;
  try {
    for await (const partition of wiped) {
      const day = currentWindow(kind, partition.start).start;
      if (unlisted !== undefined && unlisted !== day) await list(unlisted);
      unlisted = day;
      yield partition;
    }
  } finally {
    if (unlisted !== undefined) await list(unlisted);
  }
}
