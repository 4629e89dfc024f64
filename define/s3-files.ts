import { parseKeyPattern } from '../model/key-pattern.ts';
import type { HourRule, S3SourceSpec } from '../model/pipeline-spec.ts';
import { parseClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { DefinitionError } from './definition-error.ts';
import { readFormat } from './file-formats.ts';
import type { FormatOption } from './file-formats.ts';

/** The names tell the time. */
export interface KeyTimeOptions extends FormatOption {
  readonly hourOf?: 'keyTime';
  /** The zone of the clock in the names, as an offset from UTC: `'-03:00'`. UTC where it is not said. */
  readonly clock?: Clock;
}

/** The names tell no time: a file belongs to the window in which it was last written. */
export interface LastModifiedOptions extends FormatOption {
  readonly hourOf: 'lastModified';
}

export type S3FilesOptions = KeyTimeOptions | LastModifiedOptions;

/**
 * Files in a bucket whose names tell their time: `s3Files('s3://events/data/{yyyy}-{MM}-{dd}-{HH}-{m}-{s}.json')`.
 * Placeholders: `yyyy MM dd HH mm ss` (padded with zeros), `H m s` (not padded), `{a|b}` alternatives, `{any}` any text
 * without `/`.
 *
 * Where names tell no time, `s3Files('s3://exports/daily/{any}.json', { hourOf: 'lastModified' })` goes by when S3 last
 * wrote an object, in UTC. Every look at such a source lists its whole prefix.
 */
export function s3Files(address: string, options: S3FilesOptions = {}): S3SourceSpec {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/u.exec(address);
  const [, bucket, pattern] = match ?? [];
  if (bucket === undefined || pattern === undefined) {
    throw new DefinitionError(
      's3Files()',
      `"${address}" is no address of files. Write it as 's3://bucket/folder/{yyyy}-{MM}-{dd}-{HH}.json'.`,
    );
  }
  const where = `s3Files('${address}')`;
  const { hourOf = 'keyTime', clock }: { readonly hourOf?: HourRule; readonly clock?: Clock } = options;
  const format = readFormat(where, options.format);
  assertRuleFits(where, hourOf, tellsTime(where, pattern));
  if (hourOf === 'lastModified' && clock !== undefined) {
    throw new DefinitionError(where, "has a clock, but hourOf: 'lastModified' is always in UTC. Leave the clock away.");
  }
  return { kind: 's3', bucket, pattern, hourOf, clockOffsetMinutes: parseClock('s3Files()', clock), ...format };
}

function tellsTime(where: string, pattern: string): boolean {
  try {
    return parseKeyPattern(pattern).fields.length > 0;
  } catch (error) {
    throw new DefinitionError(where, error instanceof Error ? error.message : String(error));
  }
}

/** One source goes by one time: a name's time that nothing reads would mislead whoever reads the definition. */
function assertRuleFits(where: string, hourOf: HourRule, told: boolean): void {
  if (hourOf !== 'keyTime' && hourOf !== 'lastModified') {
    throw new DefinitionError(where, `hourOf "${String(hourOf)}" is no rule. There are 'keyTime' and 'lastModified'.`);
  }
  if (hourOf === 'keyTime' && !told) {
    throw new DefinitionError(
      where,
      "its names tell no time. Begin with {yyyy}, then {MM}, {dd}, {HH}; or go by when files were written, with { hourOf: 'lastModified' }.",
    );
  }
  if (hourOf === 'lastModified' && told) {
    throw new DefinitionError(
      where,
      "its names tell a time, which hourOf: 'lastModified' does not read. Write {any} in its place, or leave hourOf away.",
    );
  }
}
