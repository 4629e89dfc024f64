import { createHash } from 'node:crypto';

/** sha256 of a text's UTF-8 bytes, 64 lower case hex digits. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
