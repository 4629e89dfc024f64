/** One object of a source as a listing showed it. Key, size and etag together name one version of its content. */
export interface SourceObject {
  readonly key: string;
  /** In bytes. */
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
}

/** The frozen list of a window's source objects, sorted by key, and what stood beside them under the same prefix. */
export interface Manifest {
  /** Where the objects are read; of documents behind addresses, the base that stands before their keys. */
  readonly bucket: string;
  readonly objects: readonly SourceObject[];
  /** Under the prefix, but none of the pipeline's files: counted, never read. */
  readonly skipped: readonly SourceObject[];
  /** Of the pipeline's shape, but with a name that cannot be right: counted and quarantined, never read. */
  readonly rejected: readonly SourceObject[];
}

/** Whether there is nothing to be read for the window, and nothing that was meant to be. */
export function isNothing({ objects, rejected }: Manifest): boolean {
  return objects.length + rejected.length === 0;
}

/** An object of ours in the lake. Its key holds the digest of its content, so it is never overwritten with another. */
export interface StoredObject {
  readonly key: string;
  /** In bytes. */
  readonly size: number;
  /** sha256 of the stored bytes, 64 hex digits. */
  readonly digest: string;
}
