/** What is only for people: it decides nothing, and changing it makes nothing stale. */
export interface About {
  /** What `group:` selects by; the first part of the asset's key where it is not said. */
  readonly group?: string;
  /** One sentence: what a row is, or what it is good for. */
  readonly description?: string;
}
