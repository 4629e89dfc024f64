import type { Command as Commander } from 'commander';
import { declareUnder } from './declare-command.ts';
import type { DeclareCommand, RunCommand } from './declare-command.ts';

const FROM = ['--from <start>', 'the first window, in UTC: 2020-01-01T00, or 2020-01-01 for its first'] as const;
const TO = ['--to <start>', 'the window to stop before; without it, the one that has not ended'] as const;

/** Declares what plans, steers and explains: how windows get made, and why they are as they are. */
export function addOrchestrationCommands(program: Commander, run: RunCommand): void {
  const add = declareUnder(program, run);
  const addGroup = (name: string, description: string): DeclareCommand =>
    declareUnder(program.command(name).description(description).helpCommand(false), run);

  addReadings(add);
  addBackfillCommands(addGroup('backfill', 'bring many windows up to date'));
  addScheduleCommands(addGroup('schedule', 'steer what starts each window when it begins'));
  addRunCommands(addGroup('runs', 'show what ran and runs'));
  add(
    'wipe <asset>',
    'take windows out of the warehouse, as if they had never been made',
    async () => (await import('./commands/wipe.ts')).wipe,
  )
    .option(...FROM)
    .option(...TO)
    .option('--yes', 'do it; without it, say only what would go');
}

function addReadings(add: DeclareCommand): void {
  add(
    'status [selection]',
    'show what is made, what runs and what failed; of a selection, window by window',
    async () => (await import('./commands/status-of.ts')).statusOf,
  )
    .option(...FROM)
    .option(...TO);
  add(
    'why <asset> [partition]',
    'explain one window of an asset: what it is, and why it is so',
    async () => (await import('./commands/why.ts')).why,
  );
  add(
    'source <pipeline>',
    'show what stands in a pipeline’s source and belongs to no window',
    async () => (await import('./commands/source.ts')).source,
  );
  add(
    'checks <asset>',
    'list what checks said of an asset, window by window',
    async () => (await import('./commands/checks.ts')).checks,
  )
    .option(...FROM)
    .option(...TO)
    .option('--failed', 'only what failed');
  add(
    'graph [selection]',
    'show which assets are made from which: text, or json for programs',
    async () => (await import('./commands/graph.ts')).graph,
  ).option('--format <format>', 'text or json', 'text');
}

function addBackfillCommands(add: DeclareCommand): void {
  const addPlanned = (usage: string, description: string, load: Parameters<DeclareCommand>[2]): Commander =>
    add(usage, description, load)
      .option(...FROM)
      .option(...TO)
      .option('--only <which>', 'which windows: missing, failed, stale, quarantined, derived or all', 'missing')
      .option('--order <order>', 'which first: oldest or newest', 'oldest');

  addPlanned(
    'plan <asset>',
    'say which windows a backfill would make, and why each',
    async () => (await import('./commands/backfill/plan.ts')).planCommand,
  );
  addPlanned(
    'start <asset>',
    'ask for windows to be made; it works on while nobody watches',
    async () => (await import('./commands/backfill/start.ts')).start,
  )
    .option('--width <count>', 'how many windows at once', '8')
    .option('--id <id>', 'a name of your own for the request; asking twice by one name is asking once')
    .option('--dry-run', 'print the plan and ask for nothing')
    .option('--yes', 'ask for it even where it is more than 100,000 windows')
    .option('--wait', 'stay until everything that it makes has ended');
  add('list', 'list the backfills, newest first', async () => (await import('./commands/backfill/list.ts')).list);
  add('show <id>', 'show how far one is', async () => (await import('./commands/backfill/show.ts')).show);

  const steer = async () => await import('./commands/backfill/steer.ts');
  add('pause <id>', 'start no more windows; those that run end', async () => (await steer()).pause);
  add('resume <id>', 'go on after a pause', async () => (await steer()).resume);
  add('width <id> <count>', 'change how many windows run at once', async () => (await steer()).width);
  add('cancel <id>', 'end it; windows that are made stay', async () => (await steer()).cancel);
  add('retry <id>', 'make its failed windows again', async () => (await steer()).retry);
}

function addScheduleCommands(add: DeclareCommand): void {
  const load = async () => await import('./commands/schedule.ts');
  add('list', 'list the schedules, their next windows and why one is paused', async () => (await load()).listCommand);
  add('pause <pipeline>', 'start no windows until it is resumed', async () => (await load()).pause).option(
    '--note <text>',
    'why, for whoever looks next',
  );
  add('resume <pipeline>', 'go on after a pause', async () => (await load()).resume);
  add('trigger <pipeline>', 'start the present window now', async () => (await load()).trigger);
}

function addRunCommands(add: DeclareCommand): void {
  add('list', 'list runs, newest first', async () => (await import('./commands/runs/list.ts')).list)
    .option('--asset <asset>', 'of this asset or pipeline only')
    .option('--state <state>', 'open, failed or all', 'all')
    .option('-n, --lines <count>', 'how many', '20');
  add(
    'show <id>',
    'show one run: what it was asked, how it went, what it waits for',
    async () => (await import('./commands/runs/show.ts')).show,
  ).option('--log', 'print what was said while it ran, attempt by attempt');
}
