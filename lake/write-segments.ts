import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { MEMBER_BYTES, encodeSegment } from './merged-format.ts';
import type { MergedSegment } from './merged-format.ts';
import type { Sink } from './spool.ts';

const compress = promisify(gzip);

/** Takes a merged object's segments, in order. */
export interface SegmentWriter {
  write(segment: MergedSegment): Promise<void>;
  /** Writes what is left. Without it the object is not whole. */
  end(): Promise<void>;
}

/**
 * Packs segments into gzip members. Level 1: the object is read once or twice, and the time spent on it is ours.
 * While one member is packed in another thread, the next is filled.
 */
export function writeSegments(sink: Sink): SegmentWriter {
  let pieces: Buffer[] = [];
  let bytes = 0;
  let members = 0;
  let packing: Promise<void> = Promise.resolve();

  const pack = async (): Promise<void> => {
    await packing;
    const member = Buffer.concat(pieces, bytes);
    pieces = [];
    bytes = 0;
    members += 1;
    packing = compress(member, { level: 1 }).then((packed) => sink.write(packed));
    // Its error is met at the next await; until then nobody listens, which Node would take for a crash.
    packing.catch(() => undefined);
  };

  return {
    write: async (segment) => {
      for (const piece of encodeSegment(segment)) {
        pieces.push(piece);
        bytes += piece.length;
      }
      if (bytes >= MEMBER_BYTES) await pack();
    },
    end: async () => {
      // An object without a segment is one empty member: gzip has no shorter word for "nothing".
      if (bytes > 0 || members === 0) await pack();
      await packing;
    },
  };
}
