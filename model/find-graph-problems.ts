import type { AssetKey } from './asset-key.ts';
import type { DerivedSpec } from './derived-spec.ts';
import { findMappingProblem } from './mapping.ts';
import type { PipelineSpec } from './pipeline-spec.ts';
import type { WindowSpec } from './window.ts';

/** Something about one asset that keeps all of them from being planned. */
export interface GraphProblem {
  readonly asset: AssetKey;
  /** What is wrong and what to do, in whole sentences that name the asset. */
  readonly problem: string;
}

/** The assets that are defined do not fit together. The message holds every problem, one a line. */
export class GraphError extends Error {
  readonly problems: readonly GraphProblem[];

  constructor(problems: readonly GraphProblem[]) {
    super(problems.map(({ problem }) => problem).join('\n'));
    this.name = 'GraphError';
    this.problems = problems;
  }
}

/** Everything that is wrong between assets, in the order they were defined: `hourloom check` shows it beside each file. */
export function findGraphProblems(
  pipelines: readonly PipelineSpec[],
  derived: readonly DerivedSpec[],
): readonly GraphProblem[] {
  const windows = new Map<AssetKey, WindowSpec | undefined>([
    ...pipelines.flatMap(({ window, events, tables }) =>
      [events, ...tables].map(({ asset }) => [asset, window] as const),
    ),
    ...derived.map(({ asset, window }) => [asset, window] as const),
  ]);
  return [
    ...findDuplicates(pipelines, derived),
    ...derived.flatMap((spec) => [...findKeyProblems(spec), ...findReadProblems(spec, windows)]),
    ...findCycles(derived),
  ];
}

/** A pipeline's name stands where a derived asset's key does, in locks and in the ledger: neither may pass for the other. */
function findKeyProblems({ asset }: DerivedSpec): readonly GraphProblem[] {
  if (asset.includes('/')) return [];
  return [{ asset, problem: `"${asset}" has one part, as a pipeline's name has. Name it in two: "group/${asset}".` }];
}

function findReadProblems(
  { asset, window, reads }: DerivedSpec,
  windows: ReadonlyMap<AssetKey, WindowSpec | undefined>,
): readonly GraphProblem[] {
  if (reads.length === 0) {
    return [{ asset, problem: `"${asset}" reads no asset. Read one, or load it by a pipeline.` }];
  }
  return reads.flatMap(({ asset: input, mapping }) => {
    if (!windows.has(input)) {
      const problem = `"${asset}" reads "${input}", which is not defined. Correct its name, or export its definition.`;
      return [{ asset, problem }];
    }
    const problem = findMappingProblem(mapping, window, windows.get(input));
    return problem === undefined ? [] : [{ asset, problem: `"${asset}" cannot read "${input}": it ${problem}` }];
  });
}

/** Two assets of one key, or of one SQL table: the later would publish over the earlier. */
function findDuplicates(pipelines: readonly PipelineSpec[], derived: readonly DerivedSpec[]): readonly GraphProblem[] {
  const problems: GraphProblem[] = [];
  const owners = new Map<string, AssetKey>();
  const keys = new Set<AssetKey>();
  const names = new Set<string>();
  for (const { name, events } of pipelines) {
    if (names.has(name)) {
      problems.push({ asset: events.asset, problem: `Two pipelines are named "${name}". Rename one of them.` });
    }
    names.add(name);
  }
  for (const asset of [...pipelines.map(({ events }) => events), ...listTables(pipelines, derived)].map(
    (it) => it.asset,
  )) {
    if (keys.has(asset)) problems.push({ asset, problem: `"${asset}" is defined twice. Rename one of them.` });
    keys.add(asset);
  }
  const tables = listTables(pipelines, derived).flatMap(({ asset, schema, name, set }) => {
    return [name, ...(set ? [set.rows] : [])].map((each) => ({ asset, table: `${schema}.${each}` }));
  });
  for (const { asset, table } of tables) {
    const owner = owners.get(table) ?? asset;
    if (owner !== asset) {
      const problem = `"${asset}" and "${owner}" would both fill the table ${table}. Rename one of them.`;
      problems.push({ asset, problem });
    }
    owners.set(table, owner);
  }
  return problems;
}

function listTables(pipelines: readonly PipelineSpec[], derived: readonly DerivedSpec[]) {
  return [...pipelines.flatMap(({ tables }) => tables), ...derived.map(({ asset, table }) => ({ ...table, asset }))];
}

/** Assets that read each other can never be brought up to date. One problem for each circle, told once. */
function findCycles(derived: readonly DerivedSpec[]): readonly GraphProblem[] {
  const reads = new Map(derived.map((spec) => [spec.asset, spec.reads.map(({ asset }) => asset)]));
  const path: AssetKey[] = [];
  const seen = new Set<AssetKey>();
  const problems: GraphProblem[] = [];

  const visit = (asset: AssetKey): void => {
    const at = path.indexOf(asset);
    if (at !== -1) {
      const circle = [...path.slice(at), asset].join('" -> "');
      problems.push({ asset, problem: `Assets read each other in a circle: "${circle}". Remove one of these reads.` });
      return;
    }
    if (seen.has(asset)) return;
    seen.add(asset);
    path.push(asset);
    reads.get(asset)?.forEach(visit);
    path.pop();
  };
  [...reads.keys()].forEach(visit);
  return problems;
}
