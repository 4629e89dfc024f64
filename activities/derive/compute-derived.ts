import { activityInfo, cancellationSignal } from '@temporalio/activity';
import type { DerivedSpec } from '../../model/derived-spec.ts';
import type { DeriveResult } from '../../model/derive-run.ts';
import { nodeOf, tableOf } from '../../model/graph.ts';
import { listInputs } from '../../model/list-inputs.ts';
import type { Inputs } from '../../model/list-inputs.ts';
import { derivedPartition } from '../../model/partition.ts';
import { windowOf } from '../../model/window.ts';
import type { Window } from '../../model/window.ts';
import { encodeRows } from '../../record/encode-rows.ts';
import { renderStatement } from '../../record/render-statement.ts';
import { claimFence } from '../../warehouse/claim-fence.ts';
import { digestInputs } from '../../warehouse/digest-inputs.ts';
import type { TableFill } from '../../warehouse/fill-table.ts';
import { readVisible } from '../../warehouse/read-ledger.ts';
import { publishChecked } from '../checks/publish-checked.ts';
import { getDerived, getFunction } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';
import type { DerivedTarget } from './describe-derived.ts';
import { runFunction } from './run-function.ts';

export interface ComputeInput extends DerivedTarget {
  /** Compute it also where neither inputs nor code changed. */
  readonly force: boolean;
}

/** Computes one partition of a derived asset from what is visible of its inputs, and publishes it in place of the last. */
export async function computeDerived(
  {
    warehouse,
    graph,
    functions,
    checkFunctions,
  }: Pick<Dependencies, 'warehouse' | 'graph' | 'functions' | 'checkFunctions'>,
  { asset, start, force }: ComputeInput,
): Promise<DeriveResult> {
  const spec = getDerived({ graph }, asset);
  const partition = derivedPartition(asset, start);
  const fence = await claimFence(warehouse, partition);
  const read = listInputs(graph, spec, start, Date.now());
  const { ranges, expected } = read;
  const [input] = await digestInputs(warehouse.sql, [ranges]);
  const inputs = input?.made ?? 0;

  const before = (await readVisible(warehouse.sql, partition)).find((entry) => entry.asset === asset);
  const isSame = before?.inputDigest === input?.digest && before?.codeVersion === spec.table.codeVersion;
  if (before && isSame && !force) return { outcome: 'unchanged', inputs, expected, rows: before.rowCount };
  if (spec.when === 'complete' && inputs < expected) {
    return { outcome: 'incomplete', inputs, expected, rows: before?.rowCount ?? 0 };
  }

  const signal = cancellationSignal();
  const window = spec.window && windowOf(spec.window, start);
  const fills = [describeFill({ graph, functions }, spec, window, read, signal)];
  const { ledger, failedChecks } = await publishChecked(
    { warehouse, checkFunctions },
    { partition, fence, window, copies: [], fills, ledger: [] },
  );
  const [made] = ledger;
  return {
    outcome: 'made',
    inputs: made?.counts.inputs ?? inputs,
    expected,
    rows: made?.rowCount ?? 0,
    ...(failedChecks.length === 0 ? {} : { failedChecks }),
  };
}

/** The rows as the server computes them, or as the asset's function does while the server reads. */
function describeFill(
  { graph, functions }: Pick<Dependencies, 'graph' | 'functions'>,
  spec: DerivedSpec,
  window: Window | undefined,
  { ranges, expected }: Inputs,
  signal: AbortSignal,
): TableFill {
  const { asset, table, computation } = spec;
  const filled = { table, inputs: ranges, expected };
  if (computation.kind === 'sql') return { ...filled, ...renderStatement(computation.statement, window) };
  const { row, compute } = getFunction({ functions }, asset);
  const { attempt } = activityInfo();
  return {
    ...filled,
    tables: ranges.flatMap((range) => {
      const input = tableOf(nodeOf(graph, range.asset));
      return input ? [{ table: input, partitions: range }] : [];
    }),
    copies: (read) => encodeRows(table, row, runFunction({ asset, compute }, { window, read, signal }, attempt)),
  };
}
