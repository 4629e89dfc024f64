import type { Command } from '../command.ts';
import { compareWindow } from '../compare-window.ts';
import { UsageError } from '../errors.ts';
import { findPipeline, readPartition } from '../find-pipeline.ts';
import { openMachine } from '../open-machine.ts';
import { watchDefinitions } from '../watch-definitions.ts';
import { writeDifference } from '../write-difference.ts';
import { check } from './check.ts';

export interface DevOptions {
  readonly pipeline?: string;
  readonly hour?: string;
  readonly once?: boolean;
}

/**
 * Shows at each change of the definitions whether they are right, and what they make of one window beside what is
 * published of it. Each look is a process of its own, because a module that was imported stays as it was, and so do all
 * that it imports. Ctrl-C ends it; nothing is left.
 */
export const dev: Command<DevOptions> = async (context, options) => {
  if (options.once === true) return lookOnce(context, options);
  if (context.output.json) throw new UsageError('--json needs --once: what is watched has no end.');
  const { definitionsFile } = await import('../../config/load-definitions.ts');
  const { pipeline, hour } = options;
  const args = ['dev', ...(pipeline === undefined ? [] : [pipeline]), ...(hour === undefined ? [] : ['--hour', hour])];
  await watchDefinitions(context, definitionsFile(context.config.assets), [...args, '--once']);
};

const lookOnce: Command<DevOptions> = async (context, { pipeline: name, hour }) => {
  const definitions = await context.loadDefinitions();
  const names = [...definitions.pipelines.keys()];
  const chosen = name ?? (names.length === 1 ? names[0] : undefined);
  if (chosen === undefined) throw new UsageError(`Say which pipeline: ${names.join(', ')}.`);
  const pipeline = findPipeline(definitions, chosen);
  const asked = hour === undefined ? undefined : readPartition(pipeline, hour);

  // What it says of definitions that are right would be said at each change; of others it throws.
  await check(
    { ...context, output: { ...context.output, json: false, result: writeProblems(context.output.note) } },
    {},
  );
  await using machine = openMachine(context);
  await using warehouse = await machine.openWarehouse();
  await using lake = await machine.openLake();
  const compared = await compareWindow(pipeline, { warehouse, lake, asked, now: Date.now() });
  context.output.result(compared, writeDifference(compared));
};

function writeProblems(note: (line: string) => void): (document: object, text: string) => void {
  return (document, text) => {
    if ('problems' in document && Array.isArray(document.problems) && document.problems.length > 0) note(text);
  };
}
