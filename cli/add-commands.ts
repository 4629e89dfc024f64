import type { Command as Commander } from 'commander';
import { addAuthorCommands } from './add-author-commands.ts';
import { addOrchestrationCommands } from './add-orchestration-commands.ts';
import { addTrustCommands } from './add-trust-commands.ts';
import { declareUnder } from './declare-command.ts';
import type { DeclareCommand, RunCommand } from './declare-command.ts';

/** Declares the command line: names, arguments, options and their help. What they do stands in `commands/`. */
export function addCommands(program: Commander, run: RunCommand): void {
  const add = declareUnder(program, run);
  add(
    'up',
    'start Temporal, Postgres, S3, the worker and the API, and stay until Ctrl-C',
    async () => (await import('./commands/up.ts')).up,
  )
    .option('--sample', 'feed each pipeline with made-up files of the last hours and make those hours')
    .option('--once', 'stop when the hours are made')
    .option('--fresh', 'throw away all data of this machine first')
    .option('--detached', 'for other commands: stop after ten idle minutes, touch no schedule');
  add('down', 'stop what runs under .hourloom', async () => (await import('./commands/down.ts')).down);
  add(
    'logs [service]',
    'show what the services wrote: worker, temporal, postgres, s3, api, machine, up',
    async () => (await import('./commands/logs.ts')).logs,
  ).option('-n, --lines <count>', 'how many lines of each', '50');
  add(
    'feed <pipeline> <folder>',
    'put a folder’s files into the pipeline’s source bucket',
    async () => (await import('./commands/feed.ts')).feed,
  );
  add(
    'run <asset>',
    'make one window of a pipeline or a derived asset: start its run, or join the open one',
    async () => (await import('./commands/run.ts')).run,
  )
    .option('--hour <hour>', 'the hour, in UTC: 2019-06-01T18')
    .option('--partition <start>', 'the window’s start, for other windows than hours: 2025-02')
    .option('--until <step>', 'stop after this step: merge')
    .option('--from <step>', 'begin with this step, from what the lake has: transform')
    .option('--force', 'make it again even where nothing changed')
    .option('--wait', 'stay until it has ended');
  addOrchestrationCommands(program, run);
  addTrustCommands(program, run);
  add(
    'assets',
    'list the assets with their columns and where each comes from',
    async () => (await import('./commands/assets.ts')).assets,
  );
  add(
    'check',
    'say whether all definitions fit together and every statement gives what it declares',
    async () => (await import('./commands/check.ts')).check,
  );
  addAuthorCommands(program, run);
  addServerCommands(add);
}

/** Those that look at the servers and what they hold, or bring them up to date. */
function addServerCommands(add: DeclareCommand): void {
  add('query <sql>', 'read the warehouse with one statement', async () => (await import('./commands/query.ts')).query)
    .option('--lake', 'read the Parquet of the lake instead, by DuckDB')
    .option(
      '--from <start>',
      'with --lake: only windows from this time on, in UTC: 2020-01-01T00, 2020-01-01 or 2020-01',
    )
    .option('--to <start>', 'with --lake: the time to stop before');
  add(
    'gc',
    'say which objects of the lake nothing needs any more',
    async () => (await import('./commands/gc.ts')).gc,
  ).option('--yes', 'delete them');
  add(
    'serve',
    'serve the API on loopback until Ctrl-C, where no `up` does',
    async () => (await import('./commands/serve.ts')).serve,
  ).option('--port <port>', 'where it listens; 0 for a free one', '8300');
  add('shell', 'open psql on the warehouse', async () => (await import('./commands/shell.ts')).shell);
  add(
    'doctor',
    'say what is there, what is not, and what to do',
    async () => (await import('./commands/doctor.ts')).doctor,
  );
  add(
    'migrate <direction>',
    'bring the warehouse’s own tables up, down, or show their status: up, down, status',
    async () => (await import('./commands/migrate.ts')).migrate,
  ).option('--to <migration>', 'with down: the migration to go back to');
}
