import type { ErasureCounts } from '../../../model/erasure.ts';
import type { Erasure } from '../../../warehouse/erasure.ts';
import type { Command } from '../../command.ts';
import { UsageError } from '../../errors.ts';
import { formatTable } from '../../format-table.ts';
import { readEraseFailure } from '../../read-erase-failure.ts';
import { useServers } from '../../use-servers.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;

/** Whether a text can be the id of a request. */
export function isRequestId(text: string): boolean {
  return UUID.test(text);
}

/** More that are not done are listed without a look at their runs. */
const MAX_LOOKED_AT = 100;

/** Lists the requests for erasure, the newest first. */
export const list: Command = async (context) => {
  const { listErasures } = await import('../../../warehouse/read-erasures.ts');
  const documents = await useServers(context, async ({ warehouse, temporal }) => {
    const erasures = await listErasures(warehouse.sql);
    const open = erasures.filter(({ state }) => state !== 'done').slice(0, MAX_LOOKED_AT);
    const failures = new Map<string, string | undefined>();
    for (const erasure of open) failures.set(erasure.id, await readEraseFailure({ temporal }, erasure));
    return erasures.map((erasure) => ({ ...describe(erasure), failure: failures.get(erasure.id) ?? null }));
  });
  const rows = documents.map(({ id, state, failure, pipelines, askedAt, executeAt }) => [
    ...[id, failure === null ? state : 'failed', pipelines.join(', '), askedAt, executeAt],
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

/** Shows one request: what was found before it, what was changed, and that nothing was found after; or why it failed. */
export const show: Command<ShowOptions> = async (context, { id }) => {
  const { readErasure } = await import('../../../warehouse/read-erasures.ts');
  const document = isRequestId(id)
    ? await useServers(context, async ({ warehouse, temporal }) => {
        const erasure = await readErasure(warehouse.sql, id);
        if (!erasure) return undefined;
        return { ...describe(erasure), failure: (await readEraseFailure({ temporal }, erasure)) ?? null };
      })
    : undefined;
  if (!document) throw new UsageError(`There is no request "${id}". \`hourloom erase list\` shows those there are.`);
  context.output.result(document, `${write(document)}${writeFailure(document)}`);
};

function writeFailure({ id, failure }: { readonly id: string; readonly failure: string | null }): string {
  if (failure === null) return '';
  return `\n\nIts run failed: ${failure}\nWhen that is mended, go on with: hourloom erase resume ${id}`;
}

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
