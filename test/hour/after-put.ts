import type { Stack } from './open-stack.ts';

/**
 * Does something once, right after an object of the lake was put and before the worker goes on. Returns the way to take
 * this back.
 */
export function afterPut({ lake }: Pick<Stack, 'lake'>, keyPrefix: string, act: () => Promise<unknown>): () => void {
  const { s3 } = lake;
  const { send } = s3;
  let done = false;
  s3.send = (async (command: { readonly input: { readonly Key?: string } }, ...rest: readonly unknown[]) => {
    const answer: unknown = await (send as (...given: readonly unknown[]) => Promise<unknown>).call(
      s3,
      command,
      ...rest,
    );
    if (!done && command.input.Key?.startsWith(keyPrefix)) {
      done = true;
      await act();
    }
    return answer;
  }) as never;
  return () => {
    s3.send = send;
  };
}
