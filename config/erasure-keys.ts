import { ConfigurationError } from './errors.ts';

/** A key by which persons are erased. Its id is told; its secret is not. */
export interface ErasureKeyConfig {
  readonly id: string;
  readonly secret: string;
}

const NAMES = ['HOURLOOM_ERASURE_KEY', 'HOURLOOM_ERASURE_KEY_OLD'] as const;

/** A shorter secret could be found by trying. */
const KEY = /^(?<id>[A-Za-z0-9_.-]{1,40}):(?<secret>\S{32,})$/u;

/** The key for new requests, then the one before it while keys are changed. */
export function readErasureKeys(given: Readonly<Record<string, string | undefined>>): readonly ErasureKeyConfig[] {
  const keys = NAMES.flatMap((name): readonly ErasureKeyConfig[] => {
    const value = given[name];
    if (value === undefined) return [];
    const { id, secret } = KEY.exec(value)?.groups ?? {};
    if (id !== undefined && secret !== undefined) return [{ id, secret }];
    throw new ConfigurationError(
      `Bad environment: ${name} is no key. Write it as <id>:<secret>, the secret of at least 32 characters: openssl rand -hex 32 gives one.`,
    );
  });
  const [first, second] = keys;
  if (first && second && first.id === second.id) {
    throw new ConfigurationError(`Bad environment: ${NAMES.join(' and ')} have the same id. Give the new key another.`);
  }
  if (given[NAMES[1]] !== undefined && given[NAMES[0]] === undefined) {
    throw new ConfigurationError(`Bad environment: ${NAMES[1]} is set without ${NAMES[0]}. Set the new key too.`);
  }
  return keys;
}
