import type { AwaitedDocuments } from './awaited-documents.ts';
import type { HourResult } from './hour-run.ts';
import { makeRunCounts } from './hour-run.ts';
import { readEventCounts } from './event-counts.ts';
import type { LedgerEntry } from './ledger-entry.ts';
import { dataStateOf } from './partition-state.ts';
import type { PipelineSpec } from './pipeline-spec.ts';

/**
 * What a run would find made already: the result of the earlier run, where the ledger has every asset of the window
 * from this very input by this very code. Undefined where anything has to be made. `until: 'merge'` asks for the
 * merged object only.
 */
export function findMade(
  { events, tables }: PipelineSpec,
  visible: readonly LedgerEntry[],
  inputDigest: string,
  until: 'merge' | undefined,
): HourResult | undefined {
  const entryOf = (asset: string) => visible.find((entry) => entry.asset === asset);
  const wanted = until === 'merge' ? [events] : [events, ...tables];
  const isMade = wanted.every(({ asset, codeVersion }) => {
    const entry = entryOf(asset);
    return entry?.inputDigest === inputDigest && entry.codeVersion === codeVersion;
  });
  const merged = entryOf(events.asset);
  if (!isMade || !merged) return undefined;
  const { files, lines } = readEventCounts(merged.counts);
  return {
    outcome: 'unchanged',
    data: files.listed === 0 ? 'empty' : 'fresh',
    counts: makeRunCounts(files, lines),
    rows:
      until === 'merge' ? {} : Object.fromEntries(tables.map(({ asset }) => [asset, entryOf(asset)?.rowCount ?? 0])),
  };
}

/** What a run found that waits for documents: the ledger stays as it is, with all that was made before, if anything. */
export function keepMade(
  { events, tables }: PipelineSpec,
  visible: readonly LedgerEntry[],
  awaited: AwaitedDocuments,
): HourResult {
  const merged = visible.find(({ asset }) => asset === events.asset);
  const { files, lines } = readEventCounts(merged?.counts ?? {});
  return {
    outcome: 'waiting',
    data: dataStateOf({ made: merged, codeVersion: events.codeVersion, input: 'unknown' }),
    counts: makeRunCounts(files, lines),
    rows: Object.fromEntries(
      tables.flatMap(({ asset }) =>
        visible.filter((entry) => entry.asset === asset).map(({ rowCount }) => [asset, rowCount]),
      ),
    ),
    awaited,
  };
}
