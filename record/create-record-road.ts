import { assertLineCounts } from '../model/counts.ts';
import type { LineCounts } from '../model/counts.ts';
import type { FieldDrift, NulledField } from '../model/field-drift.ts';
import { formatOf } from '../model/file-format.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import { ChildLane } from './child-lane.ts';
import { compileChooseLane } from './choose-lane.ts';
import { decodeLine } from './decode-line.ts';
import { explainMisfit } from './explain-misfit.ts';
import { FateCounter } from './fate.ts';
import { topFields } from './field-counter.ts';
import type { ByteRange } from './find-array-elements.ts';
import type { PipelineDefinition } from './pipeline-definition.ts';
import type { Quarantined } from './quarantined.ts';
import { QuarantineHold } from './quarantine-hold.ts';
import { makeExcerpt } from './quarantine-rows.ts';
import type { Segment } from './segment.ts';
import { LineSplitter } from './split-lines.ts';
import type { LineSinks, RecordPosition } from './split-lines.ts';
import { TableLane } from './table-lane.ts';

/** Where the road's chunks go: COPY BINARY, whole rows, 512 KiB or a little more each, the last one of any size. */
export interface RoadSinks {
  rows(table: TableSpec, chunk: Buffer): void;
  /** Rows of `hourloom.quarantine`. */
  quarantine(chunk: Buffer): void;
}

export interface RoadLimits {
  /** How many different keys one table may have in one window: about 50 bytes of memory each, 100 while it grows. */
  readonly keysPerTable: number;
}

/** What became of a window's lines. */
export interface RoadResult {
  readonly lines: LineCounts;
  /** By the table's name, the lines that were for it; of a child table its rows. `good` is its number of rows. */
  readonly tables: Readonly<Record<string, LineCounts>>;
  /** How many lines and files each reason held back, also those for which there was no more room in quarantine. */
  readonly reasons: Readonly<Record<string, number>>;
  /** How many rows went to the quarantine sink. */
  readonly quarantineRows: number;
  /** Fields that good and repeated records have and their contracts do not know, the most frequent first. */
  readonly drift: readonly FieldDrift[];
  /** Fields whose misfits became null, likewise. */
  readonly nulled: readonly NulledField[];
}

/** The way of a window's lines from bytes to rows. */
export interface RecordRoad {
  /** Carries the lines of the next segment to the sinks. Let other work go on between two segments. */
  push(segment: Segment): void;
  /** Hands over the last chunks, also for tables without rows, and says what became of the lines. */
  finish(): RoadResult;
}

const CHUNK_BYTES = 524_288;
const DEFAULT_LIMITS: RoadLimits = { keysPerTable: 10_000_000 };

/**
 * Carries a window's lines: cut, decode, choose the table, check the contract, encode, tell repeated records. What is
 * good becomes a row; what is not is held back with its place and the reason, and stops nothing. The same segments give
 * the same bytes.
 */
export function createRecordRoad(
  { spec, contracts }: PipelineDefinition,
  sinks: RoadSinks,
  { keysPerTable }: RoadLimits = DEFAULT_LIMITS,
): RecordRoad {
  const lanes = openLanes({ spec, contracts }, keysPerTable);
  const chooseLane = compileChooseLane(spec, lanes);
  const fates = new FateCounter();
  const hold = new QuarantineHold();

  /** Counted where lines come in; their fates are counted where they end, so that the sum proves something. */
  let seen = 0;

  const format = formatOf(spec.source);
  const lineSinks: LineSinks = {
    line(line, position) {
      seen += 1;
      const decoded = decodeLine(line);
      if (decoded.kind === 'quarantined') return holdBack(explainMisfit(format, decoded, line), position, line);
      const lane = chooseLane(decoded.record, position);
      if (!(lane instanceof TableLane)) return holdBack(lane, position, line);

      const fate = lane.carry(decoded.record, position, decoded.names);
      lane.fates.add(fate.kind);
      if (fate.kind === 'quarantined') return holdBack(fate, position, line, lane.table);
      fates.add(fate.kind);
      for (const { table, rows } of [lane, ...lane.children]) {
        if (rows.size >= CHUNK_BYTES) sinks.rows(table, rows.take());
      }
    },
    tooLarge(misfit, position, head) {
      seen += 1;
      holdBack(misfit, position, { bytes: head, start: 0, end: head.length });
    },
  };
  const splitter = new LineSplitter(lineSinks, { arrays: format.kind === 'jsonLines' });

  function holdBack(
    misfit: Quarantined,
    position: RecordPosition,
    at: ByteRange & { bytes: Buffer },
    table?: TableSpec,
  ): void {
    fates.add('quarantined');
    const asset = table?.asset ?? spec.events.asset;
    hold.add(asset, position, misfit, () => makeExcerpt(at.bytes, at.start, at.end));
    if (hold.rows.size >= CHUNK_BYTES) sinks.quarantine(hold.rows.take());
  }

  return {
    push(segment) {
      if ('bytes' in segment) splitter.push(segment);
      else hold.addFile(spec.events.asset, segment.source, segment.rejected, segment.detail);
    },
    finish() {
      splitter.finish();
      const children = lanes.flatMap((lane) => lane.children);
      for (const { table, rows } of [...lanes, ...children]) sinks.rows(table, rows.finish());
      sinks.quarantine(hold.rows.finish());
      const lines = { ...fates.counts(), lines: seen };
      assertLineCounts(lines);
      return { lines, ...countTables(lanes), ...hold.counts() };
    },
  };
}

/** One for each table that is filled by records; those of child tables hang on them. */
function openLanes({ spec, contracts }: PipelineDefinition, maxKeys: number): readonly TableLane[] {
  const openChild = (table: TableSpec) => (table.parent ? [new ChildLane(table, table.parent, maxKeys)] : []);
  return spec.tables
    .filter(({ parent }) => parent === undefined)
    .map((table) => {
      const contract = contracts[table.name];
      if (!contract) throw new Error(`Table ${table.asset} has no contract.`);
      const children = spec.tables.filter(({ parent }) => parent?.table === table.name).flatMap(openChild);
      return new TableLane(table, { contract, maxKeys, children });
    });
}

function countTables(lanes: readonly TableLane[]): Pick<RoadResult, 'tables' | 'drift' | 'nulled'> {
  const counts = lanes.flatMap((lane) => [
    [lane.table.name, lane.fates.counts()] as const,
    ...lane.children.map((child) => [child.table.name, countRows(child)] as const),
  ]);
  return {
    tables: Object.fromEntries(counts),
    drift: topFields(lanes.map((lane) => lane.newFields)),
    nulled: topFields(lanes.map((lane) => lane.nulledFields)),
  };
}

/** What did not become rows of a child table is counted as the record that it is a part of. */
function countRows({ rowCount }: ChildLane): LineCounts {
  return { lines: rowCount, good: rowCount, duplicate: 0, quarantined: 0 };
}
