import type { StoredObject } from '../model/source-object.ts';
import type { Lake } from './open-lake.ts';
import type { Sink } from './spool.ts';
import { openStoredWriter } from './stored-writer.ts';
import type { StoredWriterOptions } from './stored-writer.ts';

/** Where an object goes, and what is in it. */
export interface ContentAddressedPut extends StoredWriterOptions {
  /** Writes the content, chunk by chunk. */
  readonly write: (sink: Sink) => Promise<void>;
}

/**
 * Puts an object into the lake under the digest of its own bytes: `<prefix><sha256><suffix>`. The same content gives
 * the same key, so attempts may repeat and cross each other. It is put again even where it already stands: that makes
 * it young, and what is young is not collected as garbage before a ledger row points to it.
 */
export async function putContentAddressed(
  lake: Lake,
  { write, ...options }: ContentAddressedPut,
): Promise<StoredObject> {
  const writer = openStoredWriter(lake, options);
  try {
    await write(writer);
    return await writer.put();
  } finally {
    await writer.dispose();
  }
}
