import type { RejectedFile } from './merge-objects.ts';
import { TerminalError } from '../model/terminal-error.ts';

/**
 * The format of a merged object that holds whole files, `raw/…/<digest>.files`: one line of JSON that names them with
 * their sizes in bytes, then their bytes, one file after the other. For sources whose records a statement makes.
 */
export interface BundleHead {
  readonly files: readonly BundledFile[];
  readonly rejected: readonly RejectedFile[];
}

export interface BundledFile {
  /** The source object's key. */
  readonly source: string;
  readonly size: number;
}

/** A head names at most a few hundred files, by keys of at most 1,024 bytes. */
const MAX_HEAD_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

/** An object that should be a bundle is none. */
export class BundleFormatError extends TerminalError {
  constructor(what: string) {
    super(`A merged object of whole files is damaged: ${what}. Make its partition anew from the source.`);
    this.name = 'BundleFormatError';
  }
}

export function encodeBundleHead(head: BundleHead): Buffer {
  return Buffer.from(`${JSON.stringify(head)}\n`);
}

/** Cuts a bundle's bytes at its files' ends: its head first, then each piece with the number of its file. */
export async function* cutBundle(
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<{ readonly head: BundleHead } | { readonly index: number; readonly bytes: Buffer }> {
  let held: Buffer = Buffer.alloc(0);
  let head: BundleHead | undefined;
  let index = 0;
  let rest = 0;
  for await (const chunk of chunks) {
    let bytes: Buffer = chunk;
    if (!head) {
      held = Buffer.concat([held, chunk]);
      const end = held.indexOf(NEWLINE);
      if (end === -1 && held.length > MAX_HEAD_BYTES) throw new BundleFormatError('its head does not end');
      if (end === -1) continue;
      head = parseHead(held.toString('utf8', 0, end));
      yield { head };
      rest = head.files[0]?.size ?? 0;
      bytes = held.subarray(end + 1);
    }
    while (bytes.length > 0) {
      if (index === head.files.length) throw new BundleFormatError('bytes follow its last file');
      const piece = bytes.subarray(0, rest);
      yield { index, bytes: piece };
      bytes = bytes.subarray(piece.length);
      rest -= piece.length;
      if (rest > 0) continue;
      index += 1;
      rest = head.files[index]?.size ?? 0;
    }
  }
  if (!head || index < head.files.length) throw new BundleFormatError('it is cut short');
}

function parseHead(text: string): BundleHead {
  try {
    const head = JSON.parse(text) as BundleHead;
    if (Array.isArray(head.files) && Array.isArray(head.rejected)) return head;
  } catch {
    // Said below.
  }
  throw new BundleFormatError('its head is none');
}
