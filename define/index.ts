/** The language that users write: everything that a definition needs, and nothing else. */
export { hashedUuid, key } from './column.ts';
export type { Column, Field, Line } from './column.ts';
export { DefinitionError } from './definition-error.ts';
export { findPipeline, pipeline } from './pipeline.ts';
export type { Pipeline, PipelineOptions } from './pipeline.ts';
export { s3Files } from './s3-files.ts';
export type { Sample, SampleFile } from './sample.ts';
export { table } from './table.ts';
export type { Row, Table } from './table.ts';
export { daily, every, hourly, monthly } from './windows.ts';
export { timestamp, uuid } from '../record/contract-types.ts';
export type { Timestamp, Uuid } from '../record/contract-types.ts';
export { formatPartition } from '../model/window.ts';
export type { Window } from '../model/window.ts';
