import type { PipelineName } from '../model/asset-key.ts';
import type { DerivedSpec } from '../model/derived-spec.ts';
import type { HourInput } from '../model/hour-run.ts';
import type { PartitionRef } from '../model/partition.ts';
import type { Instant, WindowKind } from '../model/window.ts';

/** How a pipeline's schedule stands. */
export interface ScheduleState {
  /** Windows from here on are promised to be made. */
  readonly createdAt: Instant;
  readonly paused: boolean;
  readonly note: string;
}

/** How activities start and steer other workflows. The client library knows how; the worker joins the two. */
export interface Starter {
  /** Starts a window's run, unless one is open. */
  startHour(window: WindowKind, partition: PartitionRef, input: HourInput): Promise<'started' | 'open'>;
  /** Has a partition of a derived asset computed from what is there now, also when a run of it is under way. */
  signalDerive(derived: Pick<DerivedSpec, 'asset' | 'window'>, start: Instant): Promise<void>;
  /** Starts the run of an accepted request; once, however often it is asked. */
  startBackfill(id: string): Promise<void>;
  isOpen(workflowId: string): Promise<boolean>;
  /** Undefined where the pipeline has no schedule. */
  readSchedule(window: WindowKind, pipeline: PipelineName): Promise<ScheduleState | undefined>;
  pauseSchedule(window: WindowKind, pipeline: PipelineName, note: string): Promise<void>;
}
