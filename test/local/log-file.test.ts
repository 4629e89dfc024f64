import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLogFile } from '../../local/log-file.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hourloom-log-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test('a log keeps itself and the one before, and goes on where it was', async () => {
  const path = join(folder, 'logs/server.log');
  const log = openLogFile(path, 8);
  ['first\n', 'second\n', 'third\n', 'fourth\n'].forEach(log.write);
  log.close();
  log.write('dropped\n');
  openLogFile(path, 20).write('fifth\n');

  expect(await readdir(join(folder, 'logs'))).toEqual(['server.log', 'server.log.1']);
  expect(await readFile(`${path}.1`, 'utf8')).toBe('first\nsecond\n');
  expect(await readFile(path, 'utf8')).toBe('third\nfourth\nfifth\n');
});

test('a log that is full when it is opened begins anew', async () => {
  const path = join(folder, 'server.log');
  openLogFile(path, 5).write('first\n');
  const log = openLogFile(path, 5);
  expect(log.bytes).toBe(0);
  log.write('second\n');
  expect(await readFile(path, 'utf8')).toBe('second\n');
});
