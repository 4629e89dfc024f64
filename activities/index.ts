import type { PartitionRef } from '../model/partition.ts';
import { describePipeline } from './describe-pipeline.ts';
import type { Dependencies } from './dependencies.ts';
import { extract } from './hour/extract.ts';
import type { ExtractInput } from './hour/extract.ts';
import { load } from './hour/load.ts';
import type { LoadInput } from './hour/load.ts';
import { merge } from './hour/merge.ts';
import type { MergeInput } from './hour/merge.ts';
import { recall } from './hour/recall.ts';
import { transform } from './hour/transform.ts';
import type { TransformInput } from './hour/transform.ts';
import { recordFailure } from './record-failure.ts';
import type { FailureInput } from './record-failure.ts';

export type { Dependencies } from './dependencies.ts';

export type Activities = ReturnType<typeof createActivities>;

/** The one door to the outside world. Workflows see only its type; each activity is a file named by its verb. */
export function createActivities(dependencies: Dependencies) {
  return {
    describePipeline: (partition: PartitionRef) => describePipeline(dependencies, partition),
    extract: (input: ExtractInput) => extract(dependencies, input),
    merge: (input: MergeInput) => merge(dependencies, input),
    recall: (partition: PartitionRef) => recall(dependencies, partition),
    transform: (input: TransformInput) => transform(dependencies, input),
    load: (input: LoadInput) => load(dependencies, input),
    recordFailure: (input: FailureInput) => recordFailure(dependencies, input),
  };
}
