import type { StoredObject } from '../model/source-object.ts';
import type { Bundle } from './bundle.ts';

/** More than this waits on disk for nobody: the lake has it. */
const MAX_KEPT_BYTES = 2 * 1024 * 1024 * 1024;
/** Each file is an open one; a process may have about a thousand. */
const MAX_KEPT_FILES = 200;

/**
 * Bundles that this process has put into the lake and still has on its disk, for the step after, which is seldom done by
 * another worker. They are found by what the object is called, which is the digest of its bytes. What is not there (taken,
 * too much, another worker's, before a restart) is read from the lake. Their files have no names, so a process that is
 * killed leaves nothing behind.
 */
export class KeptBundles {
  readonly #bundles = new Map<string, Bundle>();
  readonly #maxBytes: number;
  #isClosed = false;

  constructor(maxBytes: number = MAX_KEPT_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Takes the bundle over. The ones that wait longest make room. */
  async keep({ key }: StoredObject, bundle: Bundle): Promise<void> {
    const replaced = this.#bundles.get(key);
    this.#bundles.delete(key);
    if (!this.#isClosed) this.#bundles.set(key, bundle);
    await replaced?.[Symbol.asyncDispose]();
    if (this.#isClosed) await bundle[Symbol.asyncDispose]();
    else await this.#makeRoom();
  }

  /** Hands the bundle over, once; undefined where it is not here. Who takes it gives its disk back. */
  async take(object: StoredObject, signal?: AbortSignal): Promise<Bundle | undefined> {
    const bundle = this.#bundles.get(object.key);
    this.#bundles.delete(object.key);
    if (bundle === undefined) return undefined;
    let isWhole = false;
    try {
      isWhole = await bundle.is(object, signal);
    } finally {
      if (!isWhole) await bundle[Symbol.asyncDispose]();
    }
    return isWhole ? bundle : undefined;
  }

  /** Gives the disk back; whatever is kept afterwards is let go at once. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const bundles = [...this.#bundles.values()];
    this.#bundles.clear();
    await Promise.all(bundles.map((bundle) => bundle[Symbol.asyncDispose]()));
  }

  async #makeRoom(): Promise<void> {
    for (const [key, bundle] of this.#bundles) {
      if (this.#isWithin()) return;
      this.#bundles.delete(key);
      await bundle[Symbol.asyncDispose]();
    }
  }

  #isWithin(): boolean {
    const bundles = [...this.#bundles.values()];
    const bytes = bundles.reduce((sum, { size }) => sum + size, 0);
    const files = bundles.reduce((sum, bundle) => sum + bundle.files.length, 0);
    return bytes <= this.#maxBytes && files <= MAX_KEPT_FILES;
  }
}
