import { expect } from 'vitest';
import type { Command } from '../../cli/command.ts';
import { readConfig } from '../../config/read-config.ts';
import { collectDefinitions } from '../../define/definitions.ts';
import type { Derived, Pipeline } from '../../define/index.ts';
import type { Stack } from '../hour/open-stack.ts';
import { services } from '../support/services.ts';

/** What a command said: its one document, the same as text, and its notes. */
export interface Said {
  readonly document: object;
  readonly text: string;
  readonly notes: readonly string[];
}

/** Runs a command that works on the stack, with these definitions. What it throws after its document is in `thrown`. */
export async function askCommand<Options>(
  stack: Pick<Stack, 'databaseUrl' | 'lakeBucket' | 'taskQueue'>,
  definitions: readonly (Pipeline | Derived)[],
  command: Command<Options>,
  options: Options,
): Promise<Said & { readonly thrown: unknown }> {
  const { temporalAddress, s3 } = services();
  const environment = {
    DATABASE_URL: stack.databaseUrl,
    TEMPORAL_ADDRESS: temporalAddress,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    HOURLOOM_LAKE_BUCKET: stack.lakeBucket,
    HOURLOOM_TASK_QUEUE: stack.taskQueue,
  };
  const said: { document: object; text: string }[] = [];
  const notes: string[] = [];
  let thrown: unknown;
  try {
    await command(
      {
        environment,
        config: readConfig(environment),
        output: {
          json: true,
          note: (line) => void notes.push(line),
          result: (document, text) => void said.push({ document, text }),
          progress: () => ({ advance() {}, stop() {} }),
        },
        loadDefinitions: async () => collectDefinitions('the test', Object.fromEntries(definitions.entries())),
        explain: String,
      },
      options,
    );
  } catch (error) {
    if (said.length === 0) throw error;
    thrown = error;
  }
  expect(said).toHaveLength(1);
  return { ...said[0]!, notes, thrown };
}
