import type { PipelineName } from '../../model/asset-key.ts';
import { isNothing } from '../../model/erasure.ts';
import type { Instant } from '../../model/window.ts';
import { analyzeTables } from '../../warehouse/analyze-tables.ts';
import { noteErasure } from '../../warehouse/note-erasure.ts';
import type { ErasureNote } from '../../warehouse/note-erasure.ts';
import { suppress } from '../../warehouse/suppress.ts';
import { getPipeline } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';
import { readRequest } from './read-request.ts';

/** What a request's run is to know of it: nothing of the person. */
export interface OpenedErasure {
  readonly pipelines: readonly PipelineName[];
  readonly executeAt: Instant;
}

/** Reads what a request is about. */
export async function openErasure({ warehouse }: Dependencies, id: string): Promise<OpenedErasure> {
  const { request } = await readRequest(warehouse, id);
  return { pipelines: request.pipelines, executeAt: request.executeAt };
}

/** From here on nothing that is read of a source can bring the person back. Safe to repeat. */
export async function beginErasure({ warehouse }: Dependencies, id: string): Promise<void> {
  const { request } = await readRequest(warehouse, id);
  for (const pipeline of request.pipelines) {
    await suppress(warehouse, { pipeline, erasure: id, identifiers: request.identifiers });
  }
  await noteErasure(warehouse.sql, id, { step: 'suppressed' }, 'worker');
}

export interface NoteProgressInput {
  readonly erasure: string;
  readonly note: ErasureNote;
}

/** Keeps what was found and done. Before it is called done, what Postgres noted of the tables' values is gone, too. */
export async function noteProgress(dependencies: Dependencies, { erasure, note }: NoteProgressInput): Promise<void> {
  const { warehouse } = dependencies;
  if (note.step === 'done' && !isNothing(note.changed)) {
    const { request } = await readRequest(warehouse, erasure);
    for (const name of request.pipelines) await analyzeTables(warehouse, getPipeline(dependencies, name).spec.tables);
  }
  await noteErasure(warehouse.sql, erasure, note, 'worker');
}
