import { ApplicationFailure } from '@temporalio/common';
import { isCancellation, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { HourInput, HourResult } from '../model/hour-run.ts';
import type { PartitionRef } from '../model/partition.ts';
import { activityQueue } from './activity-queue.ts';
import { stepFailure } from './step-failure.ts';

/** The steps that make a window's data. */
export type HourSteps = Pick<Activities, 'extract' | 'merge' | 'recall' | 'transform' | 'load'>;

/**
 * Each a step of its own on the server: any worker can take it, its heartbeats tell that the worker lives, and what was
 * done before it is not done again. Outages are tried through for about four hours, at most five minutes apart; what
 * trying cannot help fails at once.
 */
export function durableSteps(input: HourInput): HourSteps & Pick<Activities, 'make'> {
  return proxyActivities<Activities>({
    ...activityQueue(input),
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: '12 seconds',
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes', maximumAttempts: 60 },
  });
}

/**
 * The same steps within the run's own task: no way through the server for each, which costs several times what a light
 * step does. A step that fails here, or is not done after two seconds, was not light or there is an outage: it is taken
 * as a durable step. A worker that dies has done it in vain, and the next begins where the server last heard of the run.
 */
export function lightSteps(input: HourInput): HourSteps {
  const durable = durableSteps(input);
  const { extract, merge, recall, transform, load } = proxyLocalActivities<Activities>({
    startToCloseTimeout: '2 seconds',
    retry: { maximumAttempts: 1 },
  });
  return {
    extract: (step) => otherwise(extract(step), () => durable.extract(step)),
    merge: (step) => otherwise(merge(step), () => durable.merge(step)),
    recall: (step) => otherwise(recall(step), () => durable.recall(step)),
    transform: (step) => otherwise(transform(step), () => durable.transform(step)),
    load: (step) => otherwise(load(step), () => durable.load(step)),
  };
}

/**
 * All of a light window's steps as one, within the run's own task. Undefined where the window is to be made step by step:
 * it is not light, or something failed, which then is looked at more closely.
 */
export async function makeWhole(
  partition: PartitionRef,
  { force = false, from }: HourInput,
): Promise<HourResult | undefined> {
  const { makeLight } = proxyLocalActivities<Activities>({
    startToCloseTimeout: '4 seconds',
    retry: { maximumAttempts: 1 },
  });
  try {
    const made = await makeLight({ partition, force, ...(from === undefined ? {} : { from }) });
    return made.state === 'made' ? made.result : undefined;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return undefined;
  }
}

async function otherwise<T>(light: Promise<T>, durable: () => Promise<T>): Promise<T> {
  try {
    return await light;
  } catch (error) {
    if (isCancellation(error) || isHopeless(error)) throw error;
    return durable();
  }
}

function isHopeless(error: unknown): boolean {
  const cause = stepFailure(error);
  return cause instanceof ApplicationFailure && cause.nonRetryable === true;
}
