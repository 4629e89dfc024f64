import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { stopMachine } from '../../local/stop-machine.ts';
import { documentOf, hourloom } from './hourloom.ts';
import type { Answer, Environment } from './hourloom.ts';

/** Commands on one machine in a folder of its own. */
export interface CommandMachine {
  folder(): string;
  ask(...args: readonly string[]): Promise<Answer>;
  /** The document of a command that went well; what it said beside it is `noted`. */
  askJson(args: readonly string[], noted?: string): Promise<Record<string, unknown>>;
}

/** A machine for a whole test file, started before its first test: each goes on where the one before it ended. */
export function useMachine(environment: () => Environment = () => ({})): CommandMachine {
  let folder = '';
  const ask = (...args: readonly string[]) =>
    hourloom(args, { ...environment(), HOURLOOM_FOLDER: join(folder, '.hourloom') });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hourloom-cli-'));
    expect((await ask('status')).code).toBe(0);
  });
  afterAll(async () => {
    await stopMachine(join(folder, '.hourloom'));
    await rm(folder, { recursive: true, force: true });
  });
  return {
    folder: () => folder,
    ask,
    async askJson(args, noted = '') {
      const answer = await ask(...args, '--json');
      expect({ code: answer.code, stderr: answer.stderr }).toEqual({ code: 0, stderr: noted });
      return documentOf(answer) as Record<string, unknown>;
    },
  };
}
