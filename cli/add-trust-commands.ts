import type { Command as Commander } from 'commander';
import { declareUnder } from './declare-command.ts';
import type { RunCommand } from './declare-command.ts';

const FROM = ['--from <start>', 'from this time on, in UTC: 2020-01-01T00, 2020-01-01 or 2020-01'] as const;
const TO = ['--to <start>', 'the time to stop before'] as const;
const REASON = ['--reason <reason>', 'only what is held back for this reason'] as const;

/** Declares what deals with contracts and their change: what is held back, and what other definitions would do. */
export function addTrustCommands(program: Commander, run: RunCommand): void {
  const add = declareUnder(program, run);
  add(
    'plan [selection]',
    'say what a deploy of these definitions would do: what becomes stale, what is filled, what waits',
    async () => (await import('./commands/plan.ts')).plan,
  );
  addQuarantineCommands(program, run);
  addSchemaCommands(program, run);
  addEraseCommands(program, run);
}

function addQuarantineCommands(program: Commander, run: RunCommand): void {
  const group = program.command('quarantine').description('see what is held back, and take it in').helpCommand(false);
  const add = declareUnder(group, run);
  add(
    'list [asset]',
    'list what is held back, by reason and then one by one',
    async () => (await import('./commands/quarantine/list.ts')).list,
  )
    .option(...FROM)
    .option(...TO)
    .option(...REASON)
    .option('--limit <count>', 'how many records to show', '20')
    .option('--files', 'whole files that could not be used, in place of lines');
  add(
    'show <asset> <partition>',
    'show what one window holds back, each record whole',
    async () => (await import('./commands/quarantine/show.ts')).show,
  ).option('--limit <count>', 'how many records to show', '100');
  add(
    'replay <pipeline>',
    'make the windows again that hold something back: after the contract was mended',
    async () => (await import('./commands/quarantine/replay.ts')).replay,
  )
    .option('--from <start>', 'the first window, in UTC: 2020-01-01T00, or 2020-01-01 for its first')
    .option('--to <start>', 'the window to stop before; without it, the one that has not ended')
    .option(...REASON)
    .option('--width <count>', 'how many windows at once', '8')
    .option('--id <id>', 'a name of your own for the request; asking twice by one name is asking once')
    .option('--dry-run', 'print the plan and ask for nothing')
    .option('--yes', 'ask for it even where the range has more than 100,000 windows')
    .option('--wait', 'stay until everything that it makes has ended');
}

function addSchemaCommands(program: Commander, run: RunCommand): void {
  const group = program.command('schema').description('compare the tables with their definitions').helpCommand(false);
  const add = declareUnder(group, run);
  const load = async () => await import('./commands/schema.ts');
  add('print [selection]', 'print the statements that make the tables', async () => (await load()).print).option(
    '--dialect <dialect>',
    'postgres for the tables; athena, redshift or duckdb for their Parquet in the lake',
    'postgres',
  );
  add('diff [selection]', 'say in what the database differs from the definitions', async () => (await load()).diff);
  add(
    'apply [selection]',
    'make new tables and add new columns, as a worker does when it starts',
    async () => (await load()).apply,
  );
}

function addEraseCommands(program: Commander, run: RunCommand): void {
  const group = program.command('erase').description('take a person out of all that is kept').helpCommand(false);
  const add = declareUnder(group, run);
  add(
    'request',
    'ask for a person to be erased, by what the person is known by',
    async () => (await import('./commands/erase/request.ts')).request,
  )
    .option('--customer-id <id>', 'the id that the person is known by')
    .option('--email <address>', 'an e-mail of the person; capital letters do not matter')
    .option('--pipeline <name>', 'only in this pipeline; without it, in all that have to do with persons')
    .option('--now', 'begin now and not with the next day in the zones of the pipelines');
  const load = async () => await import('./commands/erase/show.ts');
  add('list', 'list the requests, the newest first', async () => (await load()).list);
  add('show <id>', 'show what was found, changed and found again', async () => (await load()).show);
  add(
    'resume <id>',
    'go on with a request whose run failed',
    async () => (await import('./commands/erase/resume.ts')).resume,
  );
}
