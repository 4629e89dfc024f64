import { explainAwaited } from '../model/awaited-documents.ts';
import type { PipelineName } from '../model/asset-key.ts';
import type { HourResult } from '../model/hour-run.ts';
import { formatTable } from './format-table.ts';

/** How a window's run ended, for people: what it made of how much, what it could not use, and what offends. */
export function writeResult(
  { workflowId, pipeline }: { readonly workflowId: string; readonly pipeline: PipelineName },
  { outcome, data, counts, rows, failedChecks = [], awaited }: HourResult,
): string {
  if (awaited) {
    const kept = data === 'missing' ? '' : ' What was made before stays.';
    return `${workflowId}: ${outcome}, ${data}. ${explainAwaited(awaited)}${kept}\nReconcile asks every 10 minutes, and makes it when it comes.`;
  }
  const { files, filesRejected, lines, good, duplicate, quarantined } = counts;
  const ofLines =
    lines === null ? '' : `, ${count(lines, 'line')}: ${good} good, ${duplicate} duplicate, ${quarantined} quarantined`;
  const tables = Object.entries(rows);
  return [
    `${workflowId}: ${outcome}, ${data}. ${count(files, 'file')}${ofLines}.`,
    ...(tables.length === 0 ? [] : [formatTable([['asset', 'rows'], ...tables])]),
    ...(filesRejected > 0
      ? [
          `warning: ${filesRejected} of ${count(files, 'file')} cannot be used: hourloom quarantine list ${pipeline} --files`,
        ]
      : []),
    ...failedChecks.map(({ asset, name, detail }) => `warning: ${name} of ${asset}: ${detail}`),
  ].join('\n');
}

function count(n: number, noun: string): string {
  return n === 1 ? `1 ${noun}` : `${n} ${noun}s`;
}
