import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Manifest, StoredObject } from '../model/source-object.ts';
import type { Lake } from './open-lake.ts';
import { readStored } from './read-stored.ts';
import type { StoredRead } from './read-stored.ts';

const decompress = promisify(gunzip);

/** No manifest that `listWindow` makes comes near it. */
const MAX_MANIFEST_BYTES = 512 * 1024 * 1024;

/** Reads what `freezeManifest` kept. Its digest has proved that these are the bytes we wrote, so it is not parsed again. */
export async function readManifest(lake: Lake, object: StoredObject, options: StoredRead = {}): Promise<Manifest> {
  const chunks: Buffer[] = [];
  for await (const chunk of readStored(lake, object, options)) chunks.push(chunk);
  const text = await decompress(Buffer.concat(chunks), { maxOutputLength: MAX_MANIFEST_BYTES });
  return JSON.parse(text.toString('utf8')) as Manifest;
}
