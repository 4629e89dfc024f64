import type { Dispatcher } from 'undici';
import type { Stack } from './open-stack.ts';

/**
 * Does something once, right after a small object of the lake was put and before the worker goes on. Returns the way to
 * take this back.
 */
export function afterPut(
  { lake, lakeBucket }: Pick<Stack, 'lake' | 'lakeBucket'>,
  keyPrefix: string,
  act: () => Promise<unknown>,
): () => void {
  const { http } = lake;
  const request = http.request.bind(http);
  let done = false;
  http.request = async (options: Dispatcher.RequestOptions) => {
    const answer = await request(options);
    // Buckets are addressed by path: `/bucket/key`.
    if (!done && options.method === 'PUT' && options.path.startsWith(`/${lakeBucket}/${keyPrefix}`)) {
      done = true;
      await act();
    }
    return answer;
  };
  return () => {
    http.request = request;
  };
}
