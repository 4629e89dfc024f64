import { randomBytes } from 'node:crypto';
import { isRequestId, MAX_WIDTH } from '../../../model/backfill.ts';
import type { BackfillRequest } from '../../../model/backfill.ts';
import { makerOfTarget, windowOfTarget } from '../../../model/backfill-target.ts';
import type { Instant } from '../../../model/window.ts';
import type { Command, CommandContext } from '../../command.ts';
import { UsageError } from '../../errors.ts';
import { followBackfill, waitUntilTaken } from '../../follow-backfill.ts';
import { planWish } from '../../plan-backfill.ts';
import { readWish } from '../../read-wish.ts';
import type { ReadWish, WishOptions } from '../../read-wish.ts';
import { useServers } from '../../use-servers.ts';
import type { Servers } from '../../use-servers.ts';
import { describePlan, formatWindows, writeLacking, writeNothing, writeTaken } from '../../write-plan.ts';
import type { PlanDocument } from '../../write-plan.ts';
import { assertWell, describeProgress, writeProgress } from '../../write-progress.ts';
import { planCommand } from './plan.ts';

export interface StartOptions extends WishOptions {
  readonly width: string;
  readonly id?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly wait?: boolean;
}

/** More windows than this at once is more often a slip than a wish. */
const MANY_WINDOWS = 100_000;

/** Asks for windows to be made, and with `--wait` stays until they and all that is computed from them have ended. */
export const start: Command<StartOptions> = async (context, options) => {
  const { output } = context;
  const width = readWidth(options.width);
  if (options.id !== undefined && !isRequestId(options.id)) {
    throw new UsageError(`--id "${options.id}" is no id: write 1 to 100 letters, digits, ".", "_" and "-".`);
  }
  if (options.dryRun === true) return planCommand(context, options);
  const now = Date.now();
  const read = readWish(await context.loadDefinitions(), options, output.note, now);
  const { range, only, reason, target } = read.wish;
  assertMeant(range.to - range.from, options.yes === true);
  const asked = { ...range, only, order: read.order, width, ...(reason === undefined ? {} : { reason }) };
  const request = { id: options.id ?? nameRequest(makerOfTarget(target), now), asked };

  const carryOut = (servers: Servers) => askAndFollow(context, servers, read, request, options.wait === true);
  await useServers(context, carryOut, { worker: true });
};

async function askAndFollow(
  context: CommandContext,
  servers: Servers,
  read: ReadWish,
  request: BackfillRequest,
  wait: boolean,
): Promise<void> {
  const { output } = context;
  const { id } = request;
  const { state, plan, said } = await ask(context, servers, read, request);
  if (state === 'nothing') return output.result({ id: null, state, plan, progress: null }, said);
  if (wait) {
    const progress = await followBackfill(servers.temporal, id, output);
    output.result({ id, state, plan, progress: describeProgress(progress) }, writeProgress(id, progress));
    return assertWell(id, progress);
  }
  // Once it is taken it can be steered; a person who goes on at once should not hear that there is none.
  const progress = await waitUntilTaken(servers.temporal, id);
  output.result(
    { id, state, plan, progress: progress ? describeProgress(progress) : null },
    writeAsked(id, said, progress !== undefined),
  );
}

/** How many windows may run at once. */
export function readWidth(text: string): number {
  const width = Number(text);
  if (Number.isInteger(width) && width >= 1 && width <= MAX_WIDTH) return width;
  throw new UsageError(`"${text}" is no width. Write how many windows may run at once, from 1 to ${MAX_WIDTH}.`);
}

/** `asked`: it is on record now. `already`: it was, under this id. `nothing`: there is nothing to make, or others do. */
interface Asked {
  readonly state: 'asked' | 'already' | 'nothing';
  readonly plan: PlanDocument | null;
  /** The same for a person. */
  readonly said: string;
}

async function ask(
  { output, config }: CommandContext,
  { warehouse, temporal }: Servers,
  { graph, wish }: ReadWish,
  request: BackfillRequest,
): Promise<Asked> {
  const [{ readBackfill }, { requestBackfill }] = await Promise.all([
    import('../../../warehouse/read-backfill.ts'),
    import('../../../client/request-backfill.ts'),
  ]);
  if (await readBackfill(warehouse.sql, request.id)) {
    output.note(`A backfill ${request.id} was asked for before. It counts once; for another, choose another --id.`);
    return { state: 'already', plan: null, said: `${request.id} is on record.` };
  }
  const [pipeline, window] = [makerOfTarget(wish.target), windowOfTarget(wish.target)];
  const found = await planWish(warehouse, graph, wish, Date.now());
  const plan = describePlan(wish.target, found);
  for (const line of [...writeTaken(window, found), ...writeLacking(window, found)]) output.note(line);
  if (plan.total === 0) return { state: 'nothing', plan, said: writeNothing(found) };
  await requestBackfill(temporal.client, { pipeline, request, taskQueue: config.taskQueue });
  return { state: 'asked', plan, said: `Asked for ${formatWindows(plan.total)} of ${pipeline}: ${request.id}.` };
}

function assertMeant(count: number, isMeant: boolean): void {
  if (count <= MANY_WINDOWS || isMeant) return;
  throw new UsageError(
    `The range has ${count} windows, more than ${MANY_WINDOWS}. Write --yes if that is meant, or narrow it by --from and --to.`,
  );
}

/** Leaves room for time and chance in an id of 100 characters. */
const MAX_NAME_LENGTH = 70;

/** Tells apart what one person asks for on one day, and two who ask in one second. */
function nameRequest(maker: string, now: Instant): string {
  const time = new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/gu, '');
  return `${maker.replaceAll('/', '-').slice(0, MAX_NAME_LENGTH)}-${time}-${randomBytes(2).toString('hex')}`;
}

function writeAsked(id: string, said: string, isTaken: boolean): string {
  const when = isTaken ? '' : ' No worker has taken it yet; it begins when one is up.';
  return `${said}${when} Follow it with: hourloom backfill show ${id}`;
}
