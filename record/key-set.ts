import { TerminalError } from '../model/terminal-error.ts';

/** One window has more different keys of a table than can be told apart in memory. */
export class TooManyKeysError extends TerminalError {
  readonly limit: number;

  constructor(limit: number) {
    super(`More than ${limit} keys in one window of one table. Choose finer windows, or allow more keys.`);
    this.name = 'TooManyKeysError';
    this.limit = limit;
  }
}

/** What a row is known by: 128 bits of its key and 64 of its values, as words of 32 bits. */
export interface RowFingerprint {
  readonly key: Uint32Array;
  readonly content: Uint32Array;
}

/** `same`: the key came before with the same values. `conflict`: with other values. */
export type KeyVerdict = 'new' | 'same' | 'conflict';

const WORDS_PER_SLOT = 6;
const INITIAL_SLOTS = 16_384;
const MAX_FILL = 0.7;

/** The keys of a window's rows in 24 bytes each: a table of open addressing over whole numbers, without an object a key. */
export class KeySet {
  readonly #limit: number;
  #slots = INITIAL_SLOTS;
  /** Of each slot: four words of the key, two of the content. The last word of a taken slot is odd, so never 0. */
  #words = new Uint32Array(INITIAL_SLOTS * WORDS_PER_SLOT);
  #size = 0;

  /** Adding more than `limit` keys throws a `TooManyKeysError`. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  /** Remembers a row; the first row of a key decides what later ones are compared with. */
  add({ key, content }: RowFingerprint): KeyVerdict {
    const content0 = content[0]!;
    const content1 = (content[1]! | 1) >>> 0;
    const at = this.#find(key);
    const words = this.#words;
    if (words[at + 5] !== 0) return words[at + 4] === content0 && words[at + 5] === content1 ? 'same' : 'conflict';

    if (this.#size >= this.#limit) throw new TooManyKeysError(this.#limit);
    for (let word = 0; word < 4; word += 1) words[at + word] = key[word]!;
    words[at + 4] = content0;
    words[at + 5] = content1;
    this.#size += 1;
    if (this.#size > this.#slots * MAX_FILL) this.#grow();
    return 'new';
  }

  /** Forgets a key. What came later and stands behind it moves up, so that it is still found. */
  remove(key: Uint32Array): void {
    const words = this.#words;
    let hole = this.#find(key);
    if (words[hole + 5] === 0) return;
    this.#size -= 1;
    const end = words.length;
    const behind = (from: number, to: number): number => (to - from + end) % end;
    for (let at = (hole + WORDS_PER_SLOT) % end; words[at + 5] !== 0; at = (at + WORDS_PER_SLOT) % end) {
      const home = this.#home(words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!) * WORDS_PER_SLOT;
      if (behind(home, at) < behind(hole, at)) continue;
      words.copyWithin(hole, at, at + WORDS_PER_SLOT);
      hole = at;
    }
    words.fill(0, hole, hole + WORDS_PER_SLOT);
  }

  #home(key0: number, key1: number, key2: number, key3: number): number {
    return mix(key0, key1, key2, key3) & (this.#slots - 1);
  }

  /** Where the slot of this key begins, or the free one that it would take. */
  #find(key: Uint32Array): number {
    const words = this.#words;
    const key0 = key[0]!;
    const key1 = key[1]!;
    const key2 = key[2]!;
    const key3 = key[3]!;
    let slot = this.#home(key0, key1, key2, key3);
    for (;;) {
      const at = slot * WORDS_PER_SLOT;
      if (words[at + 5] === 0) return at;
      if (words[at] === key0 && words[at + 1] === key1 && words[at + 2] === key2 && words[at + 3] === key3) return at;
      slot = (slot + 1) & (this.#slots - 1);
    }
  }

  #grow(): void {
    const old = this.#words;
    this.#slots *= 2;
    this.#words = new Uint32Array(this.#slots * WORDS_PER_SLOT);
    for (let at = 0; at < old.length; at += WORDS_PER_SLOT) {
      if (old[at + 5] === 0) continue;
      const slot = old.subarray(at, at + WORDS_PER_SLOT);
      this.#words.set(slot, this.#find(slot));
    }
  }
}

/** UUIDs may share their first or last words (made at one time, or by one machine), so that all must have a say. */
function mix(key0: number, key1: number, key2: number, key3: number): number {
  let hash = Math.imul(key0, 0x85ebca6b) ^ Math.imul(key1, 0xc2b2ae35);
  hash ^= Math.imul(key2 ^ (hash >>> 15), 0x27d4eb2f);
  hash ^= Math.imul(key3 ^ (hash >>> 13), 0x165667b1);
  return hash ^ (hash >>> 16);
}
