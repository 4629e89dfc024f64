/** A promise that rejects with the signal's reason when it is aborted; forget it when the work is over. */
export function whenAborted(signal: AbortSignal | undefined): { readonly promise: Promise<never>; forget(): void } {
  const { promise, reject } = withReject();
  const stop = (): void => reject(signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  promise.catch(() => undefined);
  return { promise, forget: () => signal?.removeEventListener('abort', stop) };
}

function withReject(): { readonly promise: Promise<never>; reject(reason: unknown): void } {
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<never>((_, no) => {
    reject = no;
  });
  return { promise, reject };
}
