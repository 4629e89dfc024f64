import type { Dispatcher } from 'undici';
import { DocumentsRefusedError, DocumentsUnreachableError } from './document-errors.ts';
import type { Lake } from './open-lake.ts';

export interface DocumentRequest {
  readonly method: 'GET' | 'HEAD';
  readonly address: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** What a server said of a document. Read or destroy the body: it holds a connection. */
export interface DocumentAnswer {
  readonly status: 'here' | 'part' | 'absent' | 'changed' | 'no_head';
  /** Of a part: where it begins; undefined where the server does not say. */
  readonly offset?: number | undefined;
  /** See `readVersion`; undefined where the server says nothing by which a version could be told. */
  readonly version: string | undefined;
  /** What the answer says its body has, or would have; undefined where it does not say. */
  readonly size: number | undefined;
  readonly body: Dispatcher.ResponseData['body'];
}

const MAX_REDIRECTS = 3;

/**
 * Asks for one document, without retries. Redirects are followed on the same host only: another one was not named by
 * the definition. Absent is what a server calls 404, 410, or 403, which object stores say of what is not there.
 */
export async function requestDocument(lake: Lake, request: DocumentRequest): Promise<DocumentAnswer> {
  let { address } = request;
  for (let redirects = 0; ; redirects += 1) {
    const answer = await send(lake, { ...request, address });
    const location = answer.statusCode >= 300 && answer.statusCode < 400 ? header(answer, 'location') : undefined;
    if (location === undefined) return readAnswer({ ...request, address }, answer);
    await answer.body.dump();
    const next = URL.canParse(location, address) ? new URL(location, address) : undefined;
    if (next?.origin !== new URL(address).origin)
      throw new DocumentsRefusedError(
        address,
        `it redirects to another host, ${next?.origin ?? 'which has no address'}`,
      );
    if (redirects === MAX_REDIRECTS) throw new DocumentsRefusedError(address, `more than ${MAX_REDIRECTS} redirects`);
    address = next.href;
  }
}

/** An abort stays an abort; everything else that happens on the way is an outage. */
export function explainDocumentError(address: string, error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  return new DocumentsUnreachableError(address, error instanceof Error ? error.message : String(error), {
    cause: error,
  });
}

async function send(
  lake: Lake,
  { method, address, headers, signal }: DocumentRequest,
): Promise<Dispatcher.ResponseData> {
  const { origin, pathname, search } = new URL(address);
  const answer = await lake.http
    .request({
      origin,
      path: `${pathname}${search}`,
      method,
      // What a server packs on the way has another length and another etag than what it has.
      headers: { 'accept-encoding': 'identity', 'user-agent': 'hourloom', ...headers },
      ...(signal === undefined ? {} : { signal }),
    })
    .catch((error: unknown) => {
      throw explainDocumentError(address, error, signal);
    });
  // A body that is let go before its end says so in an event, which Node takes for a crash where nobody listens.
  answer.body.on('error', () => undefined);
  return answer;
}

function readAnswer({ address }: DocumentRequest, answer: Dispatcher.ResponseData): DocumentAnswer {
  const length = header(answer, 'content-length');
  const said = {
    version: readVersion(answer),
    size: length === undefined ? undefined : Number(length),
    body: answer.body,
  };
  switch (answer.statusCode) {
    case 200:
      return { status: 'here', ...said };
    case 206:
      return { status: 'part', offset: readOffset(answer), ...said };
    case 403:
    case 404:
    case 410:
      return { status: 'absent', ...said };
    case 412:
      return { status: 'changed', ...said };
    case 405:
    case 501:
      return { status: 'no_head', ...said };
    default:
      answer.body.destroy();
      throw explainStatus(address, answer);
  }
}

/** The etag without quotes, else when the document was last modified. */
function readVersion(answer: Dispatcher.ResponseData): string | undefined {
  const etag = header(answer, 'etag');
  if (etag !== undefined && etag !== '') return etag.replaceAll('"', '');
  const modified = header(answer, 'last-modified');
  return modified === undefined ? undefined : `modified ${modified}`;
}

function readOffset(answer: Dispatcher.ResponseData): number | undefined {
  const [, begin] = /^bytes (\d+)-/u.exec(header(answer, 'content-range') ?? '') ?? [];
  return begin === undefined ? undefined : Number(begin);
}

function explainStatus(address: string, answer: Dispatcher.ResponseData): Error {
  const { statusCode } = answer;
  const isPassing = statusCode >= 500 || statusCode === 408 || statusCode === 425 || statusCode === 429;
  if (!isPassing) return new DocumentsRefusedError(address, `status ${statusCode}`);
  const seconds = Number(header(answer, 'retry-after') ?? 0);
  return new DocumentsUnreachableError(address, `status ${statusCode}`, {
    retryAfterMs: Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 0,
  });
}

function header({ headers }: Dispatcher.ResponseData, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
