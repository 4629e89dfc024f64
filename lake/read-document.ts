import { createHash } from 'node:crypto';
import { DocumentsUnreachableError } from './document-errors.ts';
import { SourceChangedError } from './errors.ts';
import type { Lake } from './open-lake.ts';
import type { SourceRead } from './read-source-object.ts';
import { explainDocumentError, requestDocument } from './request-document.ts';
import type { DocumentAnswer } from './request-document.ts';

/** Before a version that is a digest of the document itself, as its server says nothing by which to tell one. */
export const DIGEST_VERSION = 'sha256 ';

/**
 * Streams a document: exactly the version that was listed, its length verified. What it yielded counts only when it ends
 * without an error. Throws `SourceChangedError` when it is another version or gone.
 */
export async function* streamDocument(lake: Lake, { bucket, object, signal }: SourceRead): AsyncGenerator<Buffer> {
  const address = `${bucket}${object.key}`;
  const answer = await requestDocument(lake, { method: 'GET', address, headers: ifMatch(object.etag), signal });
  try {
    assertSameVersion(answer, object);
    const sha256 = object.etag.startsWith(DIGEST_VERSION) ? createHash('sha256') : undefined;
    let size = 0;
    for await (const chunk of bodyOf(address, answer, signal)) {
      size += chunk.length;
      if (size > object.size) throw new SourceChangedError(object.key, `more than its ${object.size} bytes came`);
      sha256?.update(chunk);
      yield chunk;
    }
    if (size < object.size && answer.size === object.size)
      throw new DocumentsUnreachableError(address, `${size} of ${object.size} bytes came`);
    if (size < object.size) throw new SourceChangedError(object.key, `it has ${size} bytes, not ${object.size}`);
    if (sha256 && `${DIGEST_VERSION}${sha256.digest('hex')}` !== object.etag)
      throw new SourceChangedError(object.key, 'it has other bytes');
  } finally {
    answer.body.destroy();
  }
}

/** The bytes of an answer; an outage where they stop coming. */
export async function* bodyOf(
  address: string,
  { body }: DocumentAnswer,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of body) yield chunk as Buffer;
  } catch (error) {
    throw explainDocumentError(address, error, signal);
  }
}

function assertSameVersion({ status, version, size }: DocumentAnswer, object: SourceRead['object']): void {
  if (status !== 'here')
    throw new SourceChangedError(object.key, status === 'absent' ? 'it is gone' : 'it has another version');
  const isDigest = object.etag.startsWith(DIGEST_VERSION);
  if (!isDigest && version !== object.etag) throw new SourceChangedError(object.key, 'it has another version');
  if (size !== undefined && size !== object.size)
    throw new SourceChangedError(object.key, `it has ${size} bytes, not ${object.size}`);
}

/** A weak etag matches nothing, and a date or a digest is none. */
function ifMatch(version: string): Readonly<Record<string, string>> {
  return /^(?:W\/|modified |sha256 )/u.test(version) ? {} : { 'if-match': `"${version}"` };
}
