import { SourceChangedError } from './errors.ts';
import { DocumentsUnreachableError } from './document-errors.ts';
import { getObject } from './get-object.ts';
import type { Lake } from './open-lake.ts';
import { bodyOf, DIGEST_VERSION } from './read-document.ts';
import type { SourceRead } from './read-source-object.ts';
import { explainDocumentError, requestDocument } from './request-document.ts';
import { explainRequestError } from './request-object.ts';

/** What a whole source object's bytes must have. */
export interface ExpectedDigest {
  readonly algorithm: 'md5' | 'sha256';
  readonly hex: string;
}

/** The bytes of a source object from an offset on. Its version and length are those that were listed. */
export interface SourcePart {
  /** Where it begins: as asked for, or 0 where the server gives whole objects only. */
  readonly offset: number;
  /** Undefined where nothing but the length says whether all is right. */
  readonly digest: ExpectedDigest | undefined;
  /** An outage where they stop coming. */
  readonly chunks: AsyncIterable<Buffer>;
  /** Lets the connection go. */
  readonly close: () => void;
}

/** Opens an object of a bucket. Throws a `SourceChangedError` when it is another version or gone. */
export async function openObjectPart(
  lake: Lake,
  { bucket, object, signal }: SourceRead,
  offset: number,
): Promise<SourcePart> {
  const { key, etag } = object;
  const answer = await getObject(lake, { use: { bucket, role: 'source' }, key, etag, offset, signal });
  const close = () => void answer.body.destroy();
  try {
    if (answer.status !== 200 && answer.status !== 206)
      throw new SourceChangedError(key, answer.status === 404 ? 'it is gone' : 'it has another version');
    const begin = answer.status === 206 ? offset : 0;
    assertListed(object, { version: answer.etag, size: answer.size, begin });
    const isMd5 = /^[0-9a-f]{32}$/u.test(etag) && !answer.encryptedByKey;
    return {
      offset: begin,
      digest: isMd5 ? { algorithm: 'md5', hex: etag } : undefined,
      chunks: explained(answer.body, (error) => explainRequestError(lake, error, signal)),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Opens a document. Throws a `SourceChangedError` when it is another version or gone. */
export async function openDocumentPart(
  lake: Lake,
  { bucket, object, signal }: SourceRead,
  offset: number,
): Promise<SourcePart> {
  const address = `${bucket}${object.key}`;
  const { key, etag } = object;
  const isDigest = etag.startsWith(DIGEST_VERSION);
  // A weak etag matches nothing, and a date or a digest is none: then only the whole is surely of one version.
  const isMatched = !/^W\/|^modified /u.test(etag) && !isDigest;
  const headers: Record<string, string> = isMatched ? { 'if-match': `"${etag}"` } : {};
  if (isMatched && offset > 0) headers['range'] = `bytes=${offset}-`;
  const answer = await requestDocument(lake, { method: 'GET', address, headers, signal });
  const close = () => void answer.body.destroy();
  try {
    if (answer.status !== 'here' && answer.status !== 'part')
      throw new SourceChangedError(key, answer.status === 'absent' ? 'it is gone' : 'it has another version');
    if (answer.status === 'part' && answer.offset !== offset)
      throw new DocumentsUnreachableError(address, `it was asked for its bytes from ${offset} on and gave others`);
    const begin = answer.status === 'part' ? offset : 0;
    assertListed(object, { version: isDigest ? etag : answer.version, size: answer.size, begin });
    return {
      offset: begin,
      digest: isDigest ? { algorithm: 'sha256', hex: etag.slice(DIGEST_VERSION.length) } : undefined,
      chunks: bodyOf(address, answer, signal),
      close,
    };
  } catch (error) {
    close();
    throw error instanceof Error ? error : explainDocumentError(address, error, signal);
  }
}

function assertListed(
  { key, size, etag }: SourceRead['object'],
  said: { readonly version: string | undefined; readonly size: number | undefined; readonly begin: number },
): void {
  if (said.version !== etag) throw new SourceChangedError(key, 'it has another version');
  const whole = said.size === undefined ? size : said.begin + said.size;
  if (whole !== size) throw new SourceChangedError(key, `it has ${whole} bytes, not ${size}`);
}

async function* explained(body: AsyncIterable<unknown>, explain: (error: unknown) => unknown): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of body) yield chunk as Buffer;
  } catch (error) {
    throw explain(error);
  }
}
