import type { Command } from '../../command.ts';
import { planWish } from '../../plan-backfill.ts';
import { readWish } from '../../read-wish.ts';
import type { WishOptions } from '../../read-wish.ts';
import { useWarehouse } from '../../use-servers.ts';
import { describePlan, writePlan } from '../../write-plan.ts';

/** Says which windows a backfill would make as things are now, and why each. Changes nothing. */
export const planCommand: Command<WishOptions> = async (context, options) => {
  const now = Date.now();
  const { wish, graph } = readWish(await context.loadDefinitions(), options, context.output.note, now);
  const plan = await useWarehouse(context, (warehouse) => planWish(warehouse, graph, wish, now));
  context.output.result(describePlan(wish.target, plan), writePlan(wish.target, plan));
};
