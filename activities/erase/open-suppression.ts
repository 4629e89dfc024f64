import type { ChangeFile } from '../../lake/rewrite-merged.ts';
import { formatOf } from '../../model/file-format.ts';
import { hasPii } from '../../model/pii-fields.ts';
import type { PipelineSpec } from '../../model/pipeline-spec.ts';
import type { ErasureKey, KeyedIdentifier } from '../../record/erasure-key.ts';
import { Suppression } from '../../record/suppression.ts';
import { suppressFile } from '../../record/suppress-file.ts';
import type { SuppressionTally } from '../../record/suppress-file.ts';
import type { MadeUnder } from '../../warehouse/lock-suppression.ts';
import { readSuppression } from '../../warehouse/read-suppression.ts';
import type { Dependencies } from '../dependencies.ts';
import { ErasureKeyMissingError } from './errors.ts';

/** A pipeline's suppression list, ready to be applied to files. */
export interface OpenSuppression {
  readonly made: MadeUnder;
  /** Undefined where nobody is on the list: then files stay as they are, and cost nothing. */
  readonly change: ChangeFile | undefined;
}

/** The list as it is now; undefined where nothing of the pipeline tells of persons. */
export async function openSuppression(
  { warehouse, erasureKeys = [] }: Pick<Dependencies, 'warehouse' | 'erasureKeys'>,
  spec: PipelineSpec,
): Promise<OpenSuppression | undefined> {
  if (!hasPii(spec)) return undefined;
  const { sequence, identifiers } = await readSuppression(warehouse.sql, spec.name);
  const made = { pipeline: spec.name, sequence };
  if (identifiers.length === 0) return { made, change: undefined };
  const suppression = createSuppression(spec, erasureKeys, identifiers);
  return { made, change: changeBy(spec, suppression, createTally()) };
}

/** Throws where a key of the list is not there: whoever is on it by that one would come back. */
export function createSuppression(
  spec: PipelineSpec,
  keys: readonly ErasureKey[],
  identifiers: readonly KeyedIdentifier[],
): Suppression {
  const lacking = identifiers.find(({ keyId }) => !keys.some(({ id }) => id === keyId));
  if (lacking) throw new ErasureKeyMissingError(lacking.keyId);
  return new Suppression(spec, keys, identifiers);
}

/** What is done to each file of a merged object; `tally` counts what was found. */
export function changeBy(spec: PipelineSpec, suppression: Suppression, tally: SuppressionTally): ChangeFile {
  const arrays = formatOf(spec.source).kind === 'jsonLines';
  return (source, content) => suppressFile(content, { suppression, source, arrays, tally });
}

export function createTally(): SuppressionTally {
  return { lines: 0, learned: [] };
}
