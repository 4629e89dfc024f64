/**
 * Reads where documents begin, and gives it without a `/` at its end; undefined where it is no http address, or has a
 * query, a user or a password: those would stand in every message.
 */
export function parseBase(text: string): string | undefined {
  const match = /^https?:\/\/[^\s/?#@\\]+(?:\/[^\s?#\\]*)?$/u.exec(text);
  return match ? text.replace(/\/+$/u, '') : undefined;
}
