import type { AssetKey } from './asset-key.ts';
import { intersectRanges, listIndexes, subtractRanges, uniteRanges } from './index-ranges.ts';
import type { IndexRange, IndexRanges } from './index-ranges.ts';

/** Which windows of a range to make. */
export type BackfillOnly = 'missing' | 'failed' | 'stale' | 'quarantined' | 'all';

/** By which end of the range to begin. */
export type BackfillOrder = 'oldest' | 'newest';

/** Why a window is in a plan; where several hold, the first of these. `asked`: only because everything was. */
export type PlanReason = 'missing' | 'input_changed' | 'code_changed' | 'failed' | 'quarantined' | 'asked';

/** Windows of an asset that the ledger has, made by one code: one row, or as many alike as stand in a row. */
export interface MadeRange extends IndexRange {
  readonly asset: AssetKey;
  readonly codeVersion: string;
}

export interface BackfillQuestion {
  readonly ranges: IndexRanges;
  readonly only: BackfillOnly;
  /** What makes a window whole, by the code of today: a pipeline's merged object and tables, or one derived asset. */
  readonly assets: readonly { readonly asset: AssetKey; readonly codeVersion: string }[];
  /** The merged object, where there is one: windows whose merged object is good need their source no more. */
  readonly events: AssetKey | undefined;
  /** What of this is visible in the ledger, in any order. */
  readonly made: Iterable<MadeRange>;
  /** The windows whose input is known to have changed since; where nobody looked, none. */
  readonly inputChanged: IndexRanges;
  /** The windows whose last run failed. */
  readonly failed: IndexRanges;
  /** The windows that hold records or files back; left out where nobody looked. */
  readonly held?: HeldRanges;
}

/** Windows that hold something back. One may do both. */
export interface HeldRanges {
  /** Lines: made again from the merged object. */
  readonly lines: IndexRanges;
  /** Whole files, of which nothing is in the merged object: made again from the source. */
  readonly files: IndexRanges;
}

/** Windows that are planned for one reason. */
export interface PlannedRange extends IndexRange {
  readonly reason: PlanReason;
  /** The reason in a sentence for a person. */
  readonly why: string;
  /** The merged object is good already: the hour begins with `transform`, and the source is not touched. */
  readonly fromTransform: boolean;
}

/** One window of a plan. */
export interface PlannedWindow extends Pick<PlannedRange, 'reason' | 'why' | 'fromTransform'> {
  readonly index: number;
}

/**
 * What a backfill makes, and why: pure, so that a dry run prints what would be carried out. Ascending ranges that do
 * not overlap; its cost follows how often the answer changes within the range, and not how long the range is.
 */
export function planBackfill(question: BackfillQuestion): readonly PlannedRange[] {
  const { only, inputChanged, failed, held = { lines: [], files: [] } } = question;
  const planned = splitByLedger(question)
    .flatMap((piece) => splitBy(piece, inputChanged, 'inputChanged'))
    .flatMap((piece) => splitBy(piece, failed, 'failed'))
    .flatMap((piece) => splitBy(piece, held.lines, 'heldLines'))
    .flatMap((piece) => splitBy(piece, held.files, 'heldFiles'))
    .filter((piece) => isWanted(piece, only))
    .flatMap((piece) => piece.ranges.map((range) => ({ ...range, ...explain(piece, question) })))
    .sort((a, b) => a.from - b.from);
  return joinAlike(planned);
}

/** The windows of a plan one by one, in the order in which they are to be made. */
export function* listPlanned(plan: readonly PlannedRange[], order: BackfillOrder): Generator<PlannedWindow, void> {
  for (const range of order === 'oldest' ? plan : [...plan].reverse()) {
    const { reason, why, fromTransform } = range;
    for (const index of listIndexes([range], order)) yield { index, reason, why, fromTransform };
  }
}

/** Windows of which all the same is known. */
interface Piece {
  readonly ranges: IndexRanges;
  /** The assets that the ledger lacks, and those that it has by another code. */
  readonly lacking: readonly AssetKey[];
  readonly changed: readonly AssetKey[];
  readonly inputChanged: boolean;
  readonly failed: boolean;
  readonly heldLines: boolean;
  readonly heldFiles: boolean;
}

/** The marks by which pieces are cut further. */
type Mark = 'inputChanged' | 'failed' | 'heldLines' | 'heldFiles';

/** Cuts the range by what the ledger has of each asset. Few pieces come of it: most windows are alike. */
function splitByLedger({ ranges, assets, made }: BackfillQuestion): readonly Piece[] {
  const entries = [...made];
  const none = { inputChanged: false, failed: false, heldLines: false, heldFiles: false };
  const whole: Piece = { ranges, lacking: [], changed: [], ...none };
  return assets.reduce<readonly Piece[]>(
    (pieces, { asset, codeVersion }) => {
      const ofAsset = entries.filter((entry) => entry.asset === asset);
      const there = uniteRanges(ofAsset);
      const current = uniteRanges(ofAsset.filter((entry) => entry.codeVersion === codeVersion));
      const old = subtractRanges(there, current);
      return pieces
        .flatMap((piece) => [
          { ...piece, ranges: subtractRanges(piece.ranges, there), lacking: [...piece.lacking, asset] },
          { ...piece, ranges: intersectRanges(piece.ranges, old), changed: [...piece.changed, asset] },
          { ...piece, ranges: intersectRanges(piece.ranges, current) },
        ])
        .filter((piece) => piece.ranges.length > 0);
    },
    [whole],
  );
}

function splitBy(piece: Piece, ranges: IndexRanges, mark: Mark): readonly Piece[] {
  if (ranges.length === 0) return [piece];
  return [
    { ...piece, ranges: intersectRanges(piece.ranges, ranges), [mark]: true },
    { ...piece, ranges: subtractRanges(piece.ranges, ranges) },
  ];
}

function isWanted(piece: Piece, only: BackfillOnly): boolean {
  const { lacking, changed, inputChanged, failed, heldLines, heldFiles } = piece;
  switch (only) {
    case 'missing':
      return lacking.length > 0;
    case 'failed':
      return failed;
    case 'stale':
      return lacking.length === 0 && (inputChanged || changed.length > 0);
    case 'quarantined':
      return heldLines || heldFiles;
    case 'all':
      return true;
  }
}

/** Neighbours that are told the same are one range, whatever else tells them apart. */
function joinAlike(planned: readonly PlannedRange[]): readonly PlannedRange[] {
  const joined: PlannedRange[] = [];
  for (const range of planned) {
    const last = joined.at(-1);
    const isAlike = last?.to === range.from && last.why === range.why && last.fromTransform === range.fromTransform;
    if (last && isAlike) joined[joined.length - 1] = { ...last, to: range.to };
    else joined.push(range);
  }
  return joined;
}

type Explained = Pick<PlannedRange, 'reason' | 'why' | 'fromTransform'>;

function explain(piece: Piece, { assets, events }: BackfillQuestion): Explained {
  const { lacking, changed, inputChanged, failed } = piece;
  const isMerged = events !== undefined && !lacking.includes(events) && !changed.includes(events) && !inputChanged;
  const andFailed = failed ? ' Its last run failed.' : '';
  if (piece.heldLines || piece.heldFiles) return explainHeld(piece, isMerged);
  if (lacking.length > 0) {
    const what = lacking.length === assets.length ? 'Never made.' : `Never made: ${lacking.join(', ')}.`;
    return { reason: 'missing', why: `${what}${andFailed}`, fromTransform: isMerged };
  }
  if (inputChanged) {
    return { reason: 'input_changed', why: `Its input changed since it was made.${andFailed}`, fromTransform: false };
  }
  if (changed.length > 0) {
    const why = `Its code changed since it was made: ${changed.join(', ')}.${andFailed}`;
    return { reason: 'code_changed', why, fromTransform: isMerged };
  }
  if (failed) return { reason: 'failed', why: 'Its last run failed.', fromTransform: false };
  return { reason: 'asked', why: 'Asked for; nothing is known to have changed.', fromTransform: false };
}

/** Code that did not change holds the same lines back again; a file that could not be used may be another by now. */
function explainHeld({ heldFiles, lacking, changed }: Piece, isMerged: boolean): Explained {
  if (heldFiles) return { reason: 'quarantined', why: 'Files of it could not be used.', fromTransform: false };
  const isSame = lacking.length === 0 && changed.length === 0;
  const why = isSame ? 'Lines of it are held back, by the code of today.' : 'Lines of it are held back, by other code.';
  return { reason: 'quarantined', why, fromTransform: isMerged };
}
