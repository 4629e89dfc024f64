import type { Command as Commander } from 'commander';
import { declareUnder } from './declare-command.ts';
import type { RunCommand } from './declare-command.ts';

/** Declares the commands for those who write definitions, and want to see what these make before a worker does. */
export function addAuthorCommands(program: Commander, run: RunCommand): void {
  const add = declareUnder(program, run);
  add(
    'try <pipeline> <file...>',
    'show what a pipeline makes of local files: rows, quarantine and counts; write nothing',
    async () => (await import('./commands/try.ts')).tryFiles,
  )
    .option('--rows <count>', 'how many rows of each table to show', '10')
    .option('--quarantine <count>', 'how many held back lines to show', '1000');
  add(
    'dev [pipeline]',
    'check the definitions at each change, and compare what they make of one window with what is published',
    async () => (await import('./commands/dev.ts')).dev,
  )
    .option('--hour <hour>', 'the window, in UTC: 2019-06-01T18; else the newest that is made')
    .option('--once', 'look once, do not watch');
}
