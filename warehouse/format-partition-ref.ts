import type { PartitionRef } from '../model/partition.ts';

/** For messages and session names, where the window's kind is not known: `door2door 2019-06-01T18:00:00Z`. */
export function formatPartitionRef({ pipeline, start }: PartitionRef): string {
  return `${pipeline} ${new Date(start).toISOString().slice(0, 19)}Z`;
}
