import { gunzipSync } from 'node:zlib';
import type { SourceFile } from '../ruling/publish-hour.ts';

/** A file's text, packed or not. */
export function unpackFile({ body }: SourceFile): string {
  const bytes = Buffer.from(body);
  return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString();
}
