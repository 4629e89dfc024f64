import type { KeyPattern } from './key-pattern.ts';
import { matchKey } from './match-key.ts';
import type { KeyMatch } from './match-key.ts';

/** The key that a local file would have in the source, and what that key is to the pipeline. */
export interface GuessedKey {
  readonly key: string;
  readonly match: KeyMatch;
}

/**
 * Says for which object of the source a local file stands: the longest end of its path that the pattern takes, else its
 * name behind the folders that every key begins with. Where neither is a key of the pattern, it is the bare name.
 */
export function guessKey(pattern: KeyPattern, path: string, clockOffsetMinutes: number): GuessedKey {
  const parts = path.split(/[/\\]/u).filter((part) => part !== '' && part !== '.' && part !== '..');
  const name = parts.at(-1) ?? '';
  const ends = parts.map((_, index) => parts.slice(index).join('/'));
  const tried = [...ends, `${foldersOf(pattern)}${name}`].map((key) => ({
    key,
    match: matchKey(pattern, key, clockOffsetMinutes),
  }));
  return (
    tried.find(({ match }) => match.kind === 'match') ??
    tried.find(({ match }) => match.kind === 'reject') ?? { key: name, match: { kind: 'skip', reason: 'pattern' } }
  );
}

/** What stands before the first placeholder, up to its last slash. */
function foldersOf({ tokens: [first] }: KeyPattern): string {
  const [text = '', ...others] = first?.kind === 'literal' ? first.texts : [];
  return others.length === 0 ? text.slice(0, text.lastIndexOf('/') + 1) : '';
}
