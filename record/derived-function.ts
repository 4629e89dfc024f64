import type { GenericSchema } from 'valibot';
import type { AssetKey } from '../model/asset-key.ts';
import type { Window } from '../model/window.ts';

/** A row of a table by its columns, as its contract gives it: timestamps and UUIDs are texts. */
export type InputRow = Readonly<Record<string, unknown>>;

/** What a function is given for one partition. */
export interface ComputeCall {
  /** Undefined where the asset has no partitions. */
  readonly window: Window | undefined;
  /** The visible rows of an asset that is read, of the windows that the partition is made of. */
  readonly read: (asset: AssetKey) => AsyncIterable<InputRow>;
  /** Aborted when nobody waits for the rows any more. */
  readonly signal: AbortSignal;
}

/** The function of a derived asset as the worker needs it, and what its rows are held against. */
export interface DerivedFunction {
  readonly asset: AssetKey;
  readonly row: GenericSchema;
  readonly compute: (call: ComputeCall) => AsyncIterable<unknown>;
}
