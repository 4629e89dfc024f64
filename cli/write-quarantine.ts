import { nodeOf } from '../model/graph.ts';
import type { AssetGraph } from '../model/graph.ts';
import { formatPartition } from '../model/window.ts';
import type { QuarantinedRecord } from '../warehouse/read-quarantine.ts';

/** A record that is held back, for programs. */
export interface DescribedRecord extends Omit<QuarantinedRecord, 'start'> {
  readonly partition: string;
}

/** Names the record's window. */
export function describeRecord(graph: AssetGraph, { start, asset, ...record }: QuarantinedRecord): DescribedRecord {
  const kind = graph.has(asset) ? nodeOf(graph, asset).window : undefined;
  return { asset, partition: formatPartition(kind ?? { unit: 'every', ms: 1_000 }, start), ...record };
}

/** A text of somebody else's on one line, cut at this length: control characters must not drive the terminal. */
export function writeText(text: string, maxLength: number): string {
  const written = text.replace(/\p{C}/gu, (character) => JSON.stringify(character).slice(1, -1));
  return written.length <= maxLength ? written : `${written.slice(0, maxLength - 1)}…`;
}
