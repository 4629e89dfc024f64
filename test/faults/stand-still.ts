import type { Lake } from '../../lake/open-lake.ts';

/** Where a worker stands still: an operation of S3 and how its key begins. */
export interface StopAt {
  readonly operation: 'list' | 'get' | 'put' | 'delete';
  readonly keyPrefix: string;
  /** So many of these are let through first; none where it is not said. */
  readonly passing?: number;
}

/** Lets every request pass but the one to stop at, which never gets an answer; `tell` hears of it. */
export function standStill(lake: Lake, stopAt: StopAt | undefined, tell: () => void): Lake {
  if (!stopAt) return lake;
  let passing = stopAt.passing ?? 0;
  const reached = (operation: string, key: string): boolean => {
    if (operation !== stopAt.operation || !key.startsWith(stopAt.keyPrefix)) return false;
    passing -= 1;
    if (passing >= 0) return false;
    tell();
    return true;
  };
  const never = new Promise<never>(() => {});
  const s3 = new Proxy(lake.s3, {
    get(target, name) {
      if (name !== 'send') return Reflect.get(target, name) as unknown;
      return (
        command: { readonly constructor: { readonly name: string }; readonly input: Record<string, string> },
        ...rest: never[]
      ) => {
        const operation = /^(List|Get|Put|Delete)/u.exec(command.constructor.name)?.[1]?.toLowerCase() ?? '';
        if (reached(operation, command.input['Key'] ?? command.input['Prefix'] ?? '')) return never;
        return (target.send as (...given: readonly unknown[]) => unknown).call(target, command, ...rest);
      };
    },
  });
  const http = new Proxy(lake.http, {
    get(target, name) {
      if (name !== 'request') return Reflect.get(target, name) as unknown;
      return (options: Parameters<typeof target.request>[0]) => {
        // Buckets are addressed by path: `/bucket/key`.
        if (reached(options.method.toLowerCase(), options.path.split('/').slice(2).join('/'))) return never;
        return target.request(options);
      };
    },
  });
  return { ...lake, s3, http };
}
