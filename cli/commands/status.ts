import type { Command } from '../command.ts';
import { describeStatus } from '../describe-status.ts';
import { graphOf } from '../find-asset.ts';
import { gatherStatus } from '../gather-status.ts';
import { useServers } from '../use-servers.ts';
import { writeStatus } from '../write-status.ts';

/** What is made, by the ledger; what is being tried, by Temporal; what failed last and was not mended since. */
export const status: Command = async (context) => {
  const definitions = await context.loadDefinitions();
  const pipelines = [...definitions.pipelines.keys()];
  const facts = await useServers(context, (servers) => gatherStatus(servers, graphOf(definitions), pipelines));
  const document = describeStatus(definitions, facts);
  context.output.result(document, writeStatus(document));
};
