import type { NativeConnection } from '@temporalio/worker';
import { ConfigurationError } from '../config/errors.ts';
import { outcomeAttribute, partitionAttribute, pipelineAttribute } from '../workflows/search-attributes.ts';

/** As Temporal's API numbers it: temporal.api.enums.v1.IndexedValueType. */
const KEYWORD = 2;

const ATTRIBUTES = [pipelineAttribute, partitionAttribute, outcomeAttribute];

/**
 * Registers the search attributes by which windows are found. Without them every run would be stuck at its first step,
 * so a server that does not let us is refused here, with the commands for the person who may.
 */
export async function ensureSearchAttributes(connection: NativeConnection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = ATTRIBUTES.filter(({ name }) => !(name in customAttributes));
  if (missing.length === 0) return;
  try {
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map(({ name }) => [name, KEYWORD])),
    });
  } catch (error) {
    const commands = missing.map(
      ({ name }) => `temporal operator search-attribute create --name ${name} --type Keyword`,
    );
    throw new ConfigurationError(
      `Temporal's namespace "${namespace}" lacks search attributes, and this worker may not add them. Run: ${commands.join('; ')}`,
      { cause: error },
    );
  }
}
