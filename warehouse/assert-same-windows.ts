import type { CodeData } from '../model/code-description.ts';
import type { AssetGraph, AssetNode } from '../model/graph.ts';
import { TerminalError } from '../model/terminal-error.ts';
import { describeWindow, formatWindowKind } from '../model/window.ts';
import type { WindowKind } from '../model/window.ts';
import type { Queryable } from './open-warehouse.ts';
import { readDeploys } from './read-deploys.ts';

/** What was made in windows of one kind is declared in another: rows of both would stand side by side. */
export class WindowChangedError extends TerminalError {
  readonly maker: string;

  constructor(maker: string, before: string, declared: string) {
    super(
      `${maker} was made in windows of another kind (${before}) than it is declared with (${declared}), and rows of both ` +
        'would stand side by side. Give it another name, which is filled anew; or restore its window, take away what it ' +
        'made with hourloom wipe, and change the window then.',
    );
    this.name = 'WindowChangedError';
    this.maker = maker;
  }
}

/**
 * Throws a `WindowChangedError` where a pipeline or a derived asset of which something is visible has other windows than
 * its newest deploy had: partitions are known by their starts, and windows of two kinds share some of these.
 */
export async function assertSameWindows(sql: Queryable, graph: AssetGraph): Promise<void> {
  const makers = new Map<string, WindowKind | undefined>([...graph.values()].map(makerOf));
  for (const { asset, code } of await readDeploys(sql)) {
    const before = code['window'];
    if (!makers.has(asset) || before === undefined) continue;
    const window = makers.get(asset);
    const declared = window ? describeWindow(window) : null;
    if (nameOf(before) === nameOf(declared) || !(await isMade(sql, asset))) continue;
    throw new WindowChangedError(asset, nameOf(before), nameOf(declared));
  }
}

function makerOf(node: AssetNode): readonly [string, WindowKind | undefined] {
  return node.kind === 'derived' ? [node.key, node.window] : [node.pipeline.name, node.pipeline.window];
}

/** What is on record has been through JSON, as anybody wrote it. */
function nameOf(window: CodeData): string {
  return window === null ? 'one whole' : formatWindowKind(window as unknown as WindowKind);
}

async function isMade(sql: Queryable, maker: string): Promise<boolean> {
  const found = await sql`
    select
    from hourloom.materialization
    where pipeline = ${maker}
      and visible
    limit 1
  `;
  return found.length > 0;
}
