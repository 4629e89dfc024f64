import { parseKeyPattern } from '../model/key-pattern.ts';
import { matchKey } from '../model/match-key.ts';
import type { PipelineSpec, S3SourceSpec } from '../model/pipeline-spec.ts';
import type { JsonObject } from './decode-line.ts';
import { quarantined } from './quarantined.ts';
import type { Quarantined } from './quarantined.ts';
import type { RecordPosition } from './split-lines.ts';
import type { TableLane } from './table-lane.ts';

/** What records go to: a table, and what is done with them there. */
type Lane = Pick<TableLane, 'table'>;

export type ChooseLane<Chosen extends Lane> = (record: JsonObject, position: RecordPosition) => Chosen | Quarantined;

/**
 * Makes the rule that says for which table a record is: by the field that the pipeline splits by, by its file's name, or
 * the only one there is. Lanes are those of records; child tables follow theirs.
 */
export function compileChooseLane<Chosen extends Lane>(
  { name, splitBy, source }: Pick<PipelineSpec, 'name' | 'splitBy' | 'source'>,
  lanes: readonly Chosen[],
): ChooseLane<Chosen> {
  const [only, ...others] = lanes;
  if (!only) throw new Error(`Pipeline ${name} has no tables.`);
  if (source.kind === 's3' && source.tables) return chooseByFile(source, lanes);
  if (splitBy === undefined) {
    if (others.length > 0) throw new Error(`Pipeline ${name} has several tables but no field to split by.`);
    return () => only;
  }
  const byValue = new Map(lanes.map((lane) => [lane.table.splitValue, lane]));
  return (record) => {
    const value = record[splitBy];
    if (typeof value !== 'string') {
      return quarantined(
        'schema',
        `${splitBy}: expected a text, received ${value === undefined ? 'nothing' : typeof value}`,
      );
    }
    const lane = byValue.get(value);
    return lane ?? quarantined('unknown_entity', `no table takes records with ${splitBy} "${value.slice(0, 100)}"`);
  };
}

/** A file's lines come together, so that its name is read once. */
function chooseByFile<Chosen extends Lane>(
  { pattern: text, tables, clockOffsetMinutes }: S3SourceSpec,
  lanes: readonly Chosen[],
): ChooseLane<Chosen> {
  const pattern = parseKeyPattern(text, tables);
  const byName = new Map(lanes.map((lane) => [lane.table.name, lane]));
  const choose = (key: string): Chosen | Quarantined => {
    const match = matchKey(pattern, key, clockOffsetMinutes);
    const lane = match.kind === 'match' && match.table !== undefined ? byName.get(match.table) : undefined;
    // It was listed, so an earlier definition had this table.
    return lane ?? quarantined('unknown_entity', 'no table takes the records of a file with this name');
  };
  let last: { readonly key: string; readonly lane: Chosen | Quarantined } | undefined;
  return (_: JsonObject, { sourceKey }: RecordPosition): Chosen | Quarantined => {
    if (last?.key !== sourceKey) last = { key: sourceKey, lane: choose(sourceKey) };
    return last.lane;
  };
}
