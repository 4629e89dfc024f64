import type { RunDescription } from '../../../client/describe-run.ts';
import type { LogLine } from '../../../model/attempt-note.ts';
import { parseHourWorkflowId } from '../../../model/workflow-id.ts';
import type { KeptNote } from '../../../warehouse/read-attempt-notes.ts';
import type { Command, CommandContext } from '../../command.ts';
import { UsageError } from '../../errors.ts';
import { formatDuration } from '../../format-time.ts';
import { openMachine } from '../../open-machine.ts';
import { useServers } from '../../use-servers.ts';
import type { Servers } from '../../use-servers.ts';

export interface ShowOptions {
  readonly id: string;
  /** Also what was said while it ran. */
  readonly log?: true;
}

/** What one attempt, or the run about its steps, left behind. */
interface ShownNote extends KeptNote {
  /** Undefined where it was not asked for. */
  readonly lines: readonly LogLine[] | undefined;
}

/** Shows the newest run under a workflow id: how it stands, what it waits for, how it ended, what was said meanwhile. */
export const show: Command<ShowOptions> = async (context, { id, log = false }) => {
  const { describeRun } = await import('../../../client/describe-run.ts');
  const { run, kept } = await useServers(context, async (servers) => {
    const run = await describeRun(servers.temporal.client, id);
    return { run, kept: await readNotes(servers, id, run?.runId) };
  });
  // Temporal forgets a run sooner than its log is forgotten.
  if (!run && !(log && kept.length > 0)) {
    throw new UsageError(
      `Temporal has no run "${id}". \`hourloom runs list\` shows the ids there are; of older runs the ledger tells: hourloom why.`,
    );
  }
  const notes = log ? await readLines(context, kept) : kept.map((note) => ({ ...note, lines: undefined }));
  const text = [
    ...(run ? [writeRun(run)] : []),
    ...notes.flatMap(writeNote),
    ...(log && notes.length === 0 ? [QUIET] : []),
  ];
  context.output.result(
    { ...(run ? describe(run) : { workflowId: id }), notes: notes.map(describeNote) },
    text.join('\n'),
  );
};

const QUIET = 'Nothing was said: a log is kept of functions, and of runs that fail.';

/** Those of this run; of the newest that said anything, where Temporal knows none. */
async function readNotes({ warehouse }: Servers, id: string, runId: string | undefined): Promise<readonly KeptNote[]> {
  const partition = parseHourWorkflowId(id);
  if (!partition) return [];
  const { readAttemptNotes } = await import('../../../warehouse/read-attempt-notes.ts');
  const notes = await readAttemptNotes(warehouse.sql, partition);
  const wanted = runId ?? notes.at(-1)?.runId;
  return notes.filter((note) => note.runId === wanted);
}

async function readLines(context: CommandContext, notes: readonly KeptNote[]): Promise<readonly ShownNote[]> {
  if (notes.length === 0) return [];
  await using machine = openMachine(context);
  const { readLog } = await import('../../../lake/read-log.ts');
  await using lake = await machine.openLake();
  return await Promise.all(
    notes.map(async (note) => ({ ...note, lines: note.log ? await readLog(lake, note.log) : [] })),
  );
}

function describe(run: RunDescription): object {
  const { startedAt, endedAt, result = null, failure = null, ...rest } = run;
  const document = { ...rest, startedAt: startedAt.toISOString(), endedAt: endedAt?.toISOString() ?? null };
  return { ...document, result, failure };
}

function describeNote({ step, failed, loadId, meta, log, createdAt, lines }: ShownNote): object {
  return {
    step,
    failed,
    loadId,
    at: new Date(createdAt).toISOString(),
    meta: meta ?? null,
    log: log?.key ?? null,
    ...(lines ? { lines: lines.map(({ at, ...line }) => ({ at: new Date(at).toISOString(), ...line })) } : {}),
  };
}

function writeRun({ workflowId, state, startedAt, endedAt, pending, result, failure, historyEvents }: RunDescription) {
  const until = endedAt ?? new Date();
  const took = formatDuration(until.getTime() - startedAt.getTime());
  return [
    `${workflowId}: ${state}, started ${startedAt.toISOString()}, ${endedAt ? 'took' : 'for'} ${took}, ${historyEvents} events of history.`,
    ...pending.map(
      ({ name, attempt, lastFailure }) =>
        `  ${name}, attempt ${attempt}${lastFailure === undefined ? '' : `; the one before failed: ${lastFailure}`}`,
    ),
    ...(failure === undefined ? [] : [`Failed: ${failure}`]),
    ...(result === undefined || result === null ? [] : [JSON.stringify(result, null, 2)]),
  ].join('\n');
}

function writeNote({ step, failed, meta, lines }: ShownNote): readonly string[] {
  if (!lines) return meta ? [`meta: ${JSON.stringify(meta)}`] : [];
  const what = step === 'make' ? `An attempt of its function, which ${failed ? 'failed' : 'went well'}:` : 'Its steps:';
  return [
    '',
    what,
    ...lines.map(({ at, text, fields }) => {
      const values = fields === undefined ? '' : ` ${JSON.stringify(fields)}`;
      return `  ${new Date(at).toISOString()} ${text.replaceAll('\n', '\n    ')}${values}`;
    }),
    ...(meta ? [`  meta: ${JSON.stringify(meta)}`] : []),
  ];
}
