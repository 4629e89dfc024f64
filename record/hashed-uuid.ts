import { hash } from 'node:crypto';
import { formatUuid } from './format-uuid.ts';

/** The first 16 bytes of sha256, each as a character of the same code: the quickest way out of Node's crypto. */
export function hash128(data: string | Uint8Array): string {
  return hash('sha256', data, 'binary').slice(0, 16);
}

/** The UUID of the first 32 hex digits of sha256 over the texts, one after the other, as UTF-8. */
export function hashedUuid(...texts: readonly string[]): string {
  return formatUuid(Buffer.from(hash128(texts.join('')), 'latin1').toString('hex'));
}
