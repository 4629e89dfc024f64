import type { Pipeline } from '../define/index.ts';
import type { BenchMachine } from './open-bench-machine.ts';

/** What a bench measured, by name; the unit stands last in the name: `firstActivityP95Ms`. */
export type Figures = Readonly<Record<string, number>>;

/** What a bench came to. Ratios compare two figures of one run, so that they hold on another machine. */
export interface Measured {
  readonly figures: Figures;
  readonly ratios: Figures;
}

/** What a bench is given. */
export interface BenchContext {
  /** A line for the person who watches. */
  readonly note: (line: string) => void;
  /**
   * Starts a machine of the bench's own, for `door2door` or another pipeline of the project; it is stopped and its folder
   * removed when the bench ends.
   */
  readonly openMachine: (pipeline?: Pipeline) => Promise<BenchMachine>;
  /** How many light hours a backfill is measured with. */
  readonly hours: number;
}

/** One bench. It asserts results, so that what is measured is real work, and never a time. */
export type Bench = (context: BenchContext) => Promise<Measured>;
