import type { AssetKey } from '../model/asset-key.ts';
import type { CheckFunctions } from '../record/check-function.ts';
import { findDerivedCheckFunctions } from './derived.ts';
import { findPipeline } from './pipeline.ts';

/** The functions of the checks of these pipelines and derived assets, by the asset that is checked; others have none. */
export function findCheckFunctions(values: readonly unknown[]): ReadonlyMap<AssetKey, CheckFunctions> {
  const found = values.flatMap((value) => [
    ...(findPipeline(value)?.checkFunctions ?? []),
    ...findDerivedCheckFunctions(value),
  ]);
  return new Map(found.filter(([, functions]) => Object.keys(functions).length > 0));
}
