import { setTimeout as delay } from 'node:timers/promises';
import { cancellationSignal } from '@temporalio/activity';
import type { PipelineName } from '../../model/asset-key.ts';
import { NOTHING_FOUND } from '../../model/erasure.ts';
import type { ErasureCounts } from '../../model/erasure.ts';
import { listDownstream, nodeOf, planWaves } from '../../model/graph.ts';
import type { DerivedNode } from '../../model/graph.ts';
import { derivedPersonColumns } from '../../model/person-columns.ts';
import type { Instant } from '../../model/window.ts';
import { deriveWorkflowId } from '../../model/workflow-id.ts';
import type { Suppression } from '../../record/suppression.ts';
import type { Fence } from '../../warehouse/fence.ts';
import { readPartitionsOf } from '../../warehouse/read-partitions-of.ts';
import { readPersonTexts } from '../../warehouse/read-person-texts.ts';
import { getPipeline } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';
import { DerivedStillHoldsError } from './errors.ts';
import { createSuppression } from './open-suppression.ts';
import { readRequest } from './read-request.ts';

export interface SearchDerivedInput {
  readonly erasure: string;
  readonly pipeline: PipelineName;
  /** Only look, or have what is found computed anew and look again. */
  readonly mode: 'look' | 'settle';
}

/** What is found of one derived asset. */
interface FoundRows {
  readonly rows: number;
  readonly starts: readonly Instant[];
}

/** So many partitions are computed before the rows are read again. */
const MAX_LOADS = 1_000;
const MAX_ROUNDS = 1_000;
/** How often a run that is under way is asked for. */
const ASK_MS = 300;

/**
 * Searches what is computed from a pipeline for the person, row by row. In the mode `settle` the partitions that hold
 * something are computed anew, as they will be by themselves, and searched again: inputs before what reads them. One that
 * holds something all the same is an error that says which.
 */
export async function searchDerived(dependencies: Dependencies, input: SearchDerivedInput): Promise<ErasureCounts> {
  const { warehouse, graph, pipelines, erasureKeys = [] } = dependencies;
  const { spec } = getPipeline({ pipelines }, input.pipeline);
  const { identifiers } = await readRequest(warehouse, input.erasure, input.pipeline);
  const suppression = createSuppression(spec, erasureKeys, identifiers);
  const reached = new Set(spec.tables.flatMap(({ asset }) => listDownstream(graph, asset)));
  let derived = 0;
  for (const asset of planWaves(graph).flat()) {
    const node = reached.has(asset) ? nodeOf(graph, asset) : undefined;
    if (node?.kind !== 'derived') continue;
    const search = () => searchAsset(dependencies, input.pipeline, node, suppression);
    derived += input.mode === 'look' ? (await search()).rows : await settle(dependencies, node, search);
  }
  return { ...NOTHING_FOUND, derived };
}

async function searchAsset(
  { warehouse, pipelines }: Dependencies,
  pipeline: PipelineName,
  { key, derived: { table } }: DerivedNode,
  suppression: Suppression,
): Promise<FoundRows> {
  const { spec } = getPipeline({ pipelines }, pipeline);
  const loads = new Set<Fence>();
  let rows = 0;
  for await (const row of readPersonTexts(warehouse, table, derivedPersonColumns(table, spec.tables))) {
    if (!suppression.isPersons(row.person, row.others)) continue;
    rows += 1;
    if (loads.size < MAX_LOADS) loads.add(row.loadId);
  }
  return { rows, starts: await readPartitionsOf(warehouse.sql, key, [...loads]) };
}

/** Has what is found computed anew until nothing is found; a partition once. */
async function settle(dependencies: Dependencies, node: DerivedNode, search: () => Promise<FoundRows>): Promise<0> {
  const computed = new Set<Instant>();
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const { rows, starts } = await search();
    if (rows === 0) return 0;
    const waiting = starts.filter((start) => !computed.has(start));
    // A run may have published between two readings; its partition is another's turn.
    if (waiting.length === 0 && starts.length > 0) throw new DerivedStillHoldsError(node.key, starts[0]!);
    for (const start of waiting) await dependencies.starter.signalDerive(node.derived, start);
    for (const start of waiting) await untilClosed(dependencies, node, start);
    waiting.forEach((start) => computed.add(start));
  }
  throw new Error(`${node.key} was made again and again while it was searched. It is tried again later.`);
}

/** The step's own time ends it where a run never does. */
async function untilClosed({ starter }: Dependencies, { derived }: DerivedNode, start: Instant): Promise<void> {
  const signal = cancellationSignal();
  while (await starter.isOpen(deriveWorkflowId(derived, start))) await delay(ASK_MS, undefined, { signal });
}
