import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { machineFolder } from '../../local/machine-folder.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../errors.ts';

export interface LogsOptions {
  readonly service?: string;
  readonly lines: string;
}

const MAX_LINES = 10_000;

/** Shows the last lines that each service of the machine wrote. */
export const logs: Command<LogsOptions> = async ({ config, output }, { service, lines }) => {
  const count = Number(lines);
  if (!Number.isInteger(count) || count < 1 || count > MAX_LINES) {
    throw new UsageError(`--lines "${lines}" is no number of lines. Write one from 1 to ${MAX_LINES}.`);
  }
  const folder = machineFolder(config.folder).logs;
  const files = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.log')).sort();
  const names = files.map((name) => name.slice(0, -'.log'.length));
  if (names.length === 0) return output.result({ logs: [] }, 'There are no logs yet. Start everything with: npm start');
  if (service !== undefined && !names.includes(service)) {
    throw new UsageError(`There is no log of "${service}". There is: ${names.join(', ')}.`);
  }
  const wanted = service === undefined ? names : [service];
  const tails = await Promise.all(
    wanted.map(async (name) => ({
      service: name,
      lines: tail(await readFile(join(folder, `${name}.log`), 'utf8'), count),
    })),
  );
  const text = tails.map((log) => [`== ${log.service}`, ...log.lines].join('\n')).join('\n');
  output.result({ logs: tails }, text);
};

function tail(text: string, count: number): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .slice(-count);
}
