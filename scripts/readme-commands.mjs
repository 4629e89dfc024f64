import './require-node.mjs';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { formatSeconds, ROOT, say } from './run-step.mjs';

const BLOCK_LIMIT_MS = 5 * 60_000;

/**
 * Runs what README.md and docs/ tell a reader to type: each ```sh block right below a line `<!-- ci -->`, in order, in
 * the folder given (by default the project's). Stops at the first that fails and names its file and line.
 */
async function runCommands(folder) {
  const docs = join(folder, 'docs');
  const pages = existsSync(docs)
    ? readdirSync(docs)
        .filter((name) => name.endsWith('.md'))
        .sort()
    : [];
  const blocks = ['README.md', ...pages.map((name) => `docs/${name}`)]
    .filter((file) => existsSync(join(folder, file)))
    .flatMap((file) => findBlocks(file, readFileSync(join(folder, file), 'utf8')));
  for (const { file, line, script } of blocks) {
    const startedMs = performance.now();
    const problem = await runBlock(folder, script);
    if (problem !== undefined) {
      say(`${file}:${line} ${problem} after ${formatSeconds(startedMs)}:\n${script}`);
      return 1;
    }
    say(`${file}:${line} ran in ${formatSeconds(startedMs)}`);
  }
  say(`${blocks.length} blocks of commands ran`);
  return 0;
}

/** The blocks of one page, with the number of the first line of each script. */
function findBlocks(file, text) {
  const lines = text.split('\n');
  return lines.flatMap((mark, index) => {
    if (mark.trim() !== '<!-- ci -->') return [];
    if (lines[index + 1]?.trim() !== '```sh')
      throw new Error(`${file}:${index + 1} <!-- ci --> must stand right above a \`\`\`sh block.`);
    const end = lines.indexOf('```', index + 2);
    if (end === -1) throw new Error(`${file}:${index + 2} the block has no end.`);
    return [{ file, line: index + 3, script: lines.slice(index + 2, end).join('\n') }];
  });
}

/** What went wrong, in words; undefined where nothing did. */
function runBlock(folder, script) {
  return new Promise((settle, reject) => {
    // A group of its own, so that a block that hangs is ended with all that it started.
    const shell = spawn('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: folder,
      stdio: ['ignore', 'inherit', 'inherit'],
      detached: true,
    });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      if (shell.pid !== undefined) process.kill(-shell.pid, 'SIGKILL');
    }, BLOCK_LIMIT_MS);
    shell.on('error', reject);
    shell.on('close', (code) => {
      clearTimeout(timer);
      if (late) settle('was stopped, still running,');
      else settle(code === 0 ? undefined : `failed with exit code ${code}`);
    });
  });
}

const [folder = ROOT] = process.argv.slice(2);
process.exitCode = await runCommands(resolve(folder));
