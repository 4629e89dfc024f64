import { expect, test } from 'vitest';
import { expectRefusal, hourloom } from './hourloom.ts';

const COMMANDS = [
  ...['up', 'down', 'logs', 'feed', 'run', 'status', 'why', 'source', 'checks', 'graph', 'wipe', 'plan'],
  ...['assets', 'check', 'try', 'dev', 'query', 'gc', 'serve', 'shell', 'doctor', 'migrate'],
];
const GROUPS = {
  backfill: ['plan', 'start', 'list', 'show', 'pause', 'resume', 'width', 'cancel', 'retry'],
  schedule: ['list', 'pause', 'resume', 'trigger'],
  runs: ['list', 'show'],
  quarantine: ['list', 'show', 'replay'],
  schema: ['print', 'diff', 'apply'],
  erase: ['request', 'list', 'show', 'resume'],
};

test('--help lists every command and says what the exit codes mean', async () => {
  const { code, stdout, stderr } = await hourloom(['--help'], {});
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const listed = [...stdout.matchAll(/^ {2}([a-z]+) \[options\]/gmu)].map(([, name]) => name);
  expect(listed).toEqual(COMMANDS);
  expect(stdout).toContain('Exit codes: 0 well, 1 a run failed, 2 written wrongly');
});

test('each command has help of its own, with --json among its options', async () => {
  const answers = await Promise.all(COMMANDS.map((name) => hourloom([name, '--help'], {})));
  for (const [index, { code, stdout, stderr }] of answers.entries()) {
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage: hourloom ${COMMANDS[index]} [options]`);
    expect(stdout).toContain('--json');
  }
});

test.each(Object.entries(GROUPS))('%s --help lists what there is to do', async (group, names) => {
  const { code, stdout, stderr } = await hourloom([group, '--help'], {});
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect([...stdout.matchAll(/^ {2}([a-z]+) \[options\]/gmu)].map(([, name]) => name)).toEqual(names);
  const without = await hourloom([group], {});
  expect({ code: without.code, stdout: without.stdout }).toEqual({ code: 2, stdout: '' });
});

test('without a command the help goes to stderr', async () => {
  const { code, stdout, stderr } = await hourloom([], {});
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('Usage: hourloom [options] [command]');
});

test.each([
  [['frob'], "Unknown command 'frob'. --help shows how to write it."],
  [
    ['run', 'door2door', '--force', '--hours', 'x'],
    "Unknown option '--hours'. Did you mean --hour? --help shows how to write it.",
  ],
  [['run'], "Missing required argument 'asset'. --help shows how to write it."],
  [['down', 'now'], "Too many arguments for 'down'. Expected 0 arguments but got 1. --help shows how to write it."],
  [['run', 'door2door', '--hour'], "Option '--hour <hour>' argument missing. --help shows how to write it."],
])('%j is written wrongly', async (args, sentence) => {
  expectRefusal(await hourloom(args, {}), 2, sentence);
});
