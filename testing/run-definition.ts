import { findPipeline } from '../define/pipeline.ts';
import type { Pipeline } from '../define/pipeline.ts';
import type { Row, Table } from '../define/table.ts';
import type { LineCounts } from '../model/counts.ts';
import { formatOf, queryOf } from '../model/file-format.ts';
import { parseKeyPattern } from '../model/key-pattern.ts';
import { matchKey } from '../model/match-key.ts';
import type { PipelineSpec } from '../model/pipeline-spec.ts';
import { windowOf } from '../model/window.ts';
import type { Window } from '../model/window.ts';
import type { QuarantineRow } from '../record/quarantine-rows.ts';
import { carrySegments } from './carry-segments.ts';
import type { Carried } from './carry-segments.ts';
import { readFiles } from './read-files.ts';

type Tables = Readonly<Record<string, Table>>;

/** A file as a test writes it down: the key that it would have in the source, and its content, packed or not. */
export interface TestFile {
  readonly key: string;
  readonly body: string | Uint8Array;
}

/** What a definition makes of some files. */
export interface DefinitionRun<PipelineTables extends Tables> {
  /** By table, its rows in the order in which they were read. Times are texts such as `2019-06-01T18:17:03.087Z`. */
  readonly rows: { readonly [Name in keyof PipelineTables]: readonly Row<PipelineTables[Name]>[] };
  /** What was held back, with its place and the reason. A file that could not be read at all stands with line 0. */
  readonly quarantine: readonly QuarantineRow[];
  readonly counts: LineCounts;
  /** Fields that records have and their contracts do not know. */
  readonly newFields: Carried['newFields'];
  /** Fields whose misfits became null. */
  readonly nulled: Carried['nulled'];
}

/** What a test compares by hand is smaller by far. */
const MAX_ROWS = 1_000_000;

/**
 * Runs a pipeline's definition on files, in memory: unpacked, cut, decoded, checked and told apart by the same code as
 * in a worker, so that rows and quarantine are what a window of these files would publish. Nothing is written, and no
 * server is needed. Throws a `RangeError` where a table would have more than a million rows.
 */
export async function runDefinition<PipelineTables extends Tables>(
  pipeline: Pipeline<PipelineTables>,
  files: readonly TestFile[],
): Promise<DefinitionRun<PipelineTables>> {
  const definition = findPipeline(pipeline);
  if (!definition) throw new TypeError('This is no pipeline. Give runDefinition what pipeline(…) returned.');
  const given = files.map(({ key, body }) => ({ key, open: () => once(Buffer.from(body as string)) }));
  const { counts, tables, quarantine, newFields, nulled } = await carrySegments(
    definition,
    readFiles(given, formatOf(definition.spec.source), findWindow(definition.spec, files)),
    {
      rows: MAX_ROWS,
      quarantine: MAX_ROWS,
    },
  );
  const large = Object.keys(tables).find((name) => (tables[name]?.counts.good ?? 0) > MAX_ROWS);
  if (large !== undefined) throw new RangeError(`${large} has more than ${MAX_ROWS} rows. Give fewer files.`);
  const rows = Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, table.rows]));
  return { rows: rows as DefinitionRun<PipelineTables>['rows'], quarantine, counts, newFields, nulled };
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** Of the first file whose name tells it. */
function findWindow({ source, window }: PipelineSpec, files: readonly TestFile[]): Window | undefined {
  if (source.kind === 'code' || !queryOf(source)) return undefined;
  const pattern = parseKeyPattern(source.pattern.replace(/^\//u, ''), source.kind === 's3' ? source.tables : undefined);
  for (const { key } of files) {
    const match = matchKey(pattern, key.replace(/^\//u, ''), source.clockOffsetMinutes);
    if (match.kind === 'match' && match.at !== undefined) return windowOf(window, match.at);
  }
  return undefined;
}
