import { stopMachine } from '../../local/stop-machine.ts';
import type { Command } from '../command.ts';

/** Stops the machine under `.hourloom`, whoever started it. What it holds stays. */
export const down: Command = async ({ config, output }) => {
  const state = await stopMachine(config.folder);
  output.result(
    { state },
    state === 'none' ? 'Nothing runs here.' : 'Stopped. The data stays; the next start finds it.',
  );
};
