import { parseKeyPattern } from '../model/key-pattern.ts';
import type { S3SourceSpec } from '../model/pipeline-spec.ts';
import { DefinitionError } from './definition-error.ts';

export interface S3FilesOptions {
  /** The zone of the clock in the names, as an offset from UTC: `'-03:00'`. UTC where it is not said. */
  readonly clock?: `${'+' | '-'}${number}:${number}`;
}

/**
 * Files in a bucket whose names tell their time: `s3Files('s3://events/data/{yyyy}-{MM}-{dd}-{HH}-{m}-{s}.json')`.
 * Placeholders: `yyyy MM dd HH mm ss` (padded with zeros), `H m s` (not padded), `{a|b}` alternatives.
 */
export function s3Files(address: string, { clock = '+00:00' }: S3FilesOptions = {}): S3SourceSpec {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/u.exec(address);
  const [, bucket, pattern] = match ?? [];
  if (bucket === undefined || pattern === undefined) {
    throw new DefinitionError(
      's3Files()',
      `"${address}" is no address of files. Write it as 's3://bucket/folder/{yyyy}-{MM}-{dd}-{HH}.json'.`,
    );
  }
  try {
    parseKeyPattern(pattern);
  } catch (error) {
    throw new DefinitionError(`s3Files('${address}')`, error instanceof Error ? error.message : String(error));
  }
  return { kind: 's3', bucket, pattern, clockOffsetMinutes: parseClock(clock) };
}

function parseClock(clock: string): number {
  const match = /^([+-])([01]\d|2[0-3]):([0-5]\d)$/u.exec(clock);
  if (!match) throw new DefinitionError('s3Files()', `clock "${clock}" is no offset from UTC. Write it as '-03:00'.`);
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' && minutes > 0 ? -minutes : minutes;
}
