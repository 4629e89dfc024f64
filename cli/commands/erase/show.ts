import type { ErasureCounts } from '../../../model/erasure.ts';
import type { Erasure } from '../../../warehouse/erasure.ts';
import type { Command } from '../../command.ts';
import { UsageError } from '../../errors.ts';
import { formatTable } from '../../format-table.ts';
import { useWarehouse } from '../../use-servers.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;

/** Whether a text can be the id of a request. */
export function isRequestId(text: string): boolean {
  return UUID.test(text);
}

/** Lists the requests for erasure, the newest first. */
export const list: Command = async (context) => {
  const { listErasures } = await import('../../../warehouse/read-erasures.ts');
  const documents = (await useWarehouse(context, ({ sql }) => listErasures(sql))).map(describe);
  const rows = documents.map(({ id, state, pipelines, askedAt, executeAt }) => [
    ...[id, state, pipelines.join(', '), askedAt, executeAt],
  ]);
  context.output.result(
    { erasures: documents },
    rows.length === 0
      ? 'Nobody was asked to be erased.'
      : formatTable([['request', 'state', 'pipelines', 'asked at', 'begins at'], ...rows]),
  );
};

export interface ShowOptions {
  readonly id: string;
}

/** Shows one request: what was found before it, what was changed, and that nothing was found after. */
export const show: Command<ShowOptions> = async (context, { id }) => {
  const { readErasure } = await import('../../../warehouse/read-erasures.ts');
  const erasure = isRequestId(id) ? await useWarehouse(context, ({ sql }) => readErasure(sql, id)) : undefined;
  if (!erasure) throw new UsageError(`There is no request "${id}". \`hourloom erase list\` shows those there are.`);
  const document = describe(erasure);
  context.output.result(document, write(document));
};

function describe({ identifiers, askedAt, executeAt, endedAt, ...erasure }: Erasure) {
  return {
    ...erasure,
    preview: erasure.preview ?? null,
    counts: erasure.counts ?? null,
    proof: erasure.proof ?? null,
    identifiers: identifiers.map(({ kind, keyId }) => ({ kind, keyId })),
    askedAt: new Date(askedAt).toISOString(),
    executeAt: new Date(executeAt).toISOString(),
    endedAt: endedAt === undefined ? null : new Date(endedAt).toISOString(),
  };
}

function write({ id, state, executeAt, preview, counts, proof }: ReturnType<typeof describe>): string {
  const row = (name: string, found: ErasureCounts | null): readonly (string | number)[] =>
    found === null
      ? [name, '', '', '', '', '', '', '']
      : [
          name,
          found.objects,
          found.lines,
          found.windows,
          found.copies ?? 0,
          found.rows,
          found.quarantined,
          found.derived ?? 0,
        ];
  const table = formatTable([
    ['', 'objects', 'lines', 'windows', 'copies', 'rows', 'quarantined', 'derived'],
    row('found before', preview),
    row('changed', counts),
    row('found after', proof),
  ]);
  return `${id}: ${state}, begins at ${executeAt}\n\n${table}`;
}
