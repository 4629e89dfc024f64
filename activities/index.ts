import type { PartitionRef } from '../model/partition.ts';
import { announce } from './announce.ts';
import type { Announcement } from './announce.ts';
import { acceptRequests } from './backfill/accept-requests.ts';
import type { AcceptInput } from './backfill/accept-requests.ts';
import { awaitRun } from './backfill/await-run.ts';
import { listMade } from './backfill/list-made.ts';
import type { ListMadeInput } from './backfill/list-made.ts';
import { noteBackfill } from './backfill/note-backfill.ts';
import type { NoteInput } from './backfill/note-backfill.ts';
import { openBackfill } from './backfill/open-backfill.ts';
import { planPage } from './backfill/plan-page.ts';
import type { PageInput } from './backfill/plan-page.ts';
import { computeDerived } from './derive/compute-derived.ts';
import type { ComputeInput } from './derive/compute-derived.ts';
import { describeDerived } from './derive/describe-derived.ts';
import type { DerivedTarget } from './derive/describe-derived.ts';
import { describePipeline } from './describe-pipeline.ts';
import type { Dependencies } from './dependencies.ts';
import { againWhenErased } from './erase/again-when-erased.ts';
import { beginErasure, noteProgress, openErasure } from './erase/note-progress.ts';
import type { NoteProgressInput } from './erase/note-progress.ts';
import { findDue } from './erase/find-due.ts';
import type { FindDueInput } from './erase/find-due.ts';
import { searchDerived } from './erase/search-derived.ts';
import type { SearchDerivedInput } from './erase/search-derived.ts';
import { searchPage } from './erase/search-page.ts';
import type { SearchPageInput } from './erase/search-page.ts';
import { searchRows } from './erase/search-rows.ts';
import type { SearchRowsInput } from './erase/search-rows.ts';
import { extract } from './hour/extract.ts';
import type { ExtractInput } from './hour/extract.ts';
import { load } from './hour/load.ts';
import type { LoadInput } from './hour/load.ts';
import { listCurrent } from './hour/list-current.ts';
import { makeLight } from './hour/make-light.ts';
import type { MakeLightInput } from './hour/make-light.ts';
import { make } from './hour/make.ts';
import { merge } from './hour/merge.ts';
import type { MergeInput } from './hour/merge.ts';
import { recall } from './hour/recall.ts';
import { transform } from './hour/transform.ts';
import type { TransformInput } from './hour/transform.ts';
import { findToReconcile } from './reconcile/find-to-reconcile.ts';
import type { FoundWork, ReconcileInput } from './reconcile/find-to-reconcile.ts';
import { startFound } from './reconcile/start-found.ts';
import { surveyPart } from './reconcile/survey-part.ts';
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
    make: (input: ExtractInput) => make(dependencies, input),
    recall: (partition: PartitionRef) => recall(dependencies, partition),
    transform: (input: TransformInput) => againWhenErased(dependencies, input, () => transform(dependencies, input)),
    load: (input: LoadInput) => againWhenErased(dependencies, input, () => load(dependencies, input)),
    makeLight: (input: MakeLightInput) => makeLight(dependencies, input),
    listCurrent: (partition: PartitionRef) => listCurrent(dependencies, partition),
    announce: (announcement: Announcement) => announce(dependencies, announcement),
    describeDerived: (target: DerivedTarget) => describeDerived(dependencies, target),
    computeDerived: (input: ComputeInput) => computeDerived(dependencies, input),
    acceptRequests: (input: AcceptInput) => acceptRequests(dependencies, input),
    openBackfill: (id: string) => openBackfill(dependencies, id),
    planPage: (input: PageInput) => planPage(dependencies, input),
    awaitRun: (workflowId: string) => awaitRun(dependencies, workflowId),
    listMade: (input: ListMadeInput) => listMade(dependencies, input),
    noteBackfill: (input: NoteInput) => noteBackfill(dependencies, input),
    findToReconcile: (input: ReconcileInput) => findToReconcile(dependencies, input),
    startFound: (found: FoundWork) => startFound(dependencies, found),
    surveyPart: (input: ReconcileInput) => surveyPart(dependencies, input),
    openErasure: (id: string) => openErasure(dependencies, id),
    beginErasure: (id: string) => beginErasure(dependencies, id),
    searchPage: (input: SearchPageInput) => searchPage(dependencies, input),
    searchRows: (input: SearchRowsInput) => searchRows(dependencies, input),
    searchDerived: (input: SearchDerivedInput) => searchDerived(dependencies, input),
    noteProgress: (input: NoteProgressInput) => noteProgress(dependencies, input),
    findDue: (input: FindDueInput) => findDue(dependencies, input),
    recordFailure: (input: FailureInput) => recordFailure(dependencies, input),
  };
}
