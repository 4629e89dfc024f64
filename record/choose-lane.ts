import type { PipelineSpec } from '../model/pipeline-spec.ts';
import type { JsonObject } from './decode-line.ts';
import { quarantined } from './quarantined.ts';
import type { Quarantined } from './quarantined.ts';
import type { TableLane } from './table-lane.ts';

export type ChooseLane = (record: JsonObject) => TableLane | Quarantined;

/** Makes the rule that says for which table a record is: by the field that the pipeline splits by, or the only one. */
export function compileChooseLane({ name, splitBy }: PipelineSpec, lanes: readonly TableLane[]): ChooseLane {
  const [only, ...others] = lanes;
  if (!only) throw new Error(`Pipeline ${name} has no tables.`);
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
