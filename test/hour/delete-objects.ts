import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import type { Stack } from './open-stack.ts';

/** Takes objects out of a source bucket, as a writer that cleans up would. */
export async function deleteObjects(
  { lake }: Pick<Stack, 'lake'>,
  bucket: string,
  keys: readonly string[],
): Promise<void> {
  await Promise.all(keys.map((key) => lake.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }))));
}
