import { availableParallelism, loadavg, totalmem } from 'node:os';
import { roundFigure } from './percentile.ts';

/** Where a bench ran. Times mean nothing without it. */
export interface Computer {
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  /** Processes that wanted a core in the last minute: above `cores`, others were at work. */
  readonly load: number;
}

export function describeComputer(): Computer {
  return {
    cores: availableParallelism(),
    memoryGiB: roundFigure(totalmem() / 1024 ** 3),
    node: process.version,
    load: roundFigure(loadavg()[0] ?? 0),
  };
}
