import type { LineCounts } from '../model/counts.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import { isShown } from '../model/rule-set.ts';
import { createRecordRoad } from '../record/create-record-road.ts';
import type { RoadResult } from '../record/create-record-road.ts';
import { CopyDecoder } from '../record/decode-copy.ts';
import type { PlainRow } from '../record/decode-copy.ts';
import type { PipelineDefinition } from '../record/pipeline-definition.ts';
import type { QuarantineRow } from '../record/quarantine-rows.ts';
import type { Segment } from '../record/segment.ts';

/** How much is kept to be looked at; everything is counted. */
export interface KeptLimits {
  /** Rows of each table. */
  readonly rows: number;
  readonly quarantine: number;
}

/** What a definition makes of some files. */
export interface Carried {
  readonly counts: LineCounts;
  readonly tables: Readonly<Record<string, { readonly counts: LineCounts; readonly rows: readonly PlainRow[] }>>;
  readonly quarantine: readonly QuarantineRow[];
  /** How many lines and files each reason held back, also those that are not kept here. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Fields that records have and their contracts do not know, the most frequent first. */
  readonly newFields: RoadResult['drift'];
  /** Fields whose misfits became null, likewise. */
  readonly nulled: RoadResult['nulled'];
}

/** A quarantine row's columns, in their order; its fields have the names that TypeScript gives them. */
const QUARANTINE_FIELDS = [
  { name: 'asset', type: 'text' },
  { name: 'sourceKey', type: 'text' },
  { name: 'line', type: 'bigint' },
  { name: 'reason', type: 'text' },
  { name: 'detail', type: 'text' },
  { name: 'excerpt', type: 'text' },
] as const;

/**
 * Carries segments along a definition's road, as the step transform does, and keeps in memory what comes of it. The rows
 * are read back from what Postgres would be given.
 */
export async function carrySegments(
  definition: PipelineDefinition,
  segments: AsyncIterable<Segment>,
  limits: KeptLimits,
): Promise<Carried> {
  const kept = new Map(
    definition.spec.tables.map((table) => [table.name, keep(table.columns, limits.rows, hiddenOf(table))]),
  );
  const held = keep(QUARANTINE_FIELDS, limits.quarantine);
  const road = createRecordRoad(definition, {
    rows: (table, chunk) => kept.get(table.name)?.take(chunk),
    quarantine: (chunk) => held.take(chunk),
  });
  for await (const segment of segments) road.push(segment);
  const { lines, tables, reasons, drift, nulled } = road.finish();
  const byTable = [...kept].map(([name, { rows }]) => {
    const counts = tables[name];
    if (!counts) throw new RangeError(`Nothing was counted for "${name}". Please report this as a bug.`);
    return [name, { counts, rows }] as const;
  });
  return {
    counts: lines,
    tables: Object.fromEntries(byTable),
    quarantine: held.rows as readonly object[] as readonly QuarantineRow[],
    reasons,
    newFields: drift,
    nulled,
  };
}

/** Keeps the first rows of a COPY, without the columns that are not to be kept. */
function keep(
  columns: ConstructorParameters<typeof CopyDecoder>[0],
  limit: number,
  dropped: readonly string[] = [],
): { readonly rows: readonly PlainRow[]; readonly take: (chunk: Buffer) => void } {
  const decoder = new CopyDecoder(columns);
  const rows: PlainRow[] = [];
  return {
    rows,
    take(chunk) {
      if (rows.length >= limit) return;
      for (const row of decoder.read(chunk)) {
        if (rows.length >= limit) return;
        rows.push(without(row, dropped));
      }
    },
  };
}

function hiddenOf({ columns }: TableSpec): readonly string[] {
  return columns.filter((column) => !isShown(column)).map(({ name }) => name);
}

function without(row: PlainRow, names: readonly string[]): PlainRow {
  if (names.length === 0) return row;
  return Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)));
}
