import { createHash } from 'node:crypto';
import { listAddresses } from '../model/list-addresses.ts';
import type { HttpSourceSpec } from '../model/pipeline-spec.ts';
import type { Manifest, SourceObject } from '../model/source-object.ts';
import type { Window } from '../model/window.ts';
import { DocumentsRefusedError, NoBaseError } from './document-errors.ts';
import { linkAbort } from './link-abort.ts';
import type { ListSourceOptions } from './list-source.ts';
import { sortByKey } from './make-manifest.ts';
import type { Lake } from './open-lake.ts';
import { bodyOf, DIGEST_VERSION } from './read-document.ts';
import { requestDocument } from './request-document.ts';
import { retryOutages } from './retry-outages.ts';

/** How many documents of a window are asked for at once: their server is somebody else's. */
const AT_ONCE = 4;

/** A document that has to be read to know its version has at most so many bytes. */
const MAX_DIGESTED_BYTES = 256 * 1024 * 1024;

/**
 * The documents of a window that are there: each address that its pattern gives is asked for. One that is not there
 * is not listed, and is found by reconcile when it comes. A document whose server tells neither an etag nor a date, or
 * no length, is read for its digest: it costs what it holds, at each look.
 */
export async function listDocuments(
  lake: Lake,
  source: HttpSourceSpec,
  window: Window,
  { signal, onProgress }: ListSourceOptions = {},
): Promise<Manifest> {
  const { base } = source;
  if (base === undefined) throw new NoBaseError(source.pattern);
  const waiting = listAddresses(source.pattern, window, source.clockOffsetMinutes).values();
  const found: SourceObject[] = [];
  const requests = linkAbort(signal);
  const askNext = async (): Promise<void> => {
    for (const key of waiting) {
      const object = await retryOutages(requests.signal, () => findDocument(lake, base, key, requests.signal));
      if (object) found.push(object);
      onProgress?.(found.length);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, askNext));
  } finally {
    requests.giveUp();
  }
  return { bucket: base, objects: sortByKey(found), skipped: [], rejected: [] };
}

async function findDocument(
  lake: Lake,
  base: string,
  key: string,
  signal: AbortSignal,
): Promise<SourceObject | undefined> {
  const { status, version, size, body } = await requestDocument(lake, { method: 'HEAD', address: base + key, signal });
  await body.dump();
  if (status === 'absent') return undefined;
  if (status !== 'here' || version === undefined || size === undefined) return digestDocument(lake, base, key, signal);
  return { key, size, etag: version };
}

async function digestDocument(
  lake: Lake,
  base: string,
  key: string,
  signal: AbortSignal,
): Promise<SourceObject | undefined> {
  const address = base + key;
  const answer = await requestDocument(lake, { method: 'GET', address, signal });
  try {
    if (answer.status === 'absent') return undefined;
    if (answer.status !== 'here') throw new DocumentsRefusedError(address, 'it lets itself be read by no method');
    const sha256 = createHash('sha256');
    let size = 0;
    for await (const chunk of bodyOf(address, answer, signal)) {
      size += chunk.length;
      if (size > MAX_DIGESTED_BYTES)
        throw new DocumentsRefusedError(address, `more than ${MAX_DIGESTED_BYTES} bytes, and no etag or length`);
      sha256.update(chunk);
    }
    return { key, size, etag: `${DIGEST_VERSION}${sha256.digest('hex')}` };
  } finally {
    answer.body.destroy();
  }
}
