import type { GenericSchema } from 'valibot';
import type { PipelineSpec } from '../model/pipeline-spec.ts';
import type { MakeFunction } from './make-function.ts';

/** A pipeline as the worker needs it: its plain data, and the contract of each table by the table's name. */
export interface PipelineDefinition {
  readonly spec: PipelineSpec;
  readonly contracts: Readonly<Record<string, GenericSchema>>;
  /** What yields the records, where the source is code. */
  readonly make?: MakeFunction;
}
