import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countWindows, uniteRanges } from '../../model/index-ranges.ts';
import type { IndexRange } from '../../model/index-ranges.ts';
import { listPlanned, planBackfill } from '../../model/plan.ts';
import type { BackfillOnly, BackfillQuestion, MadeRange } from '../../model/plan.ts';
import { assetKey, version } from './specs.ts';

const EVENTS = assetKey('rides/events');
const TRIP = assetKey('rides/trip');
const PLACE = assetKey('rides/place');
const ASSETS = [EVENTS, TRIP, PLACE].map((asset) => ({ asset, codeVersion: version('2') }));

function made(asset: typeof EVENTS, from: number, to: number, digit = '2'): MadeRange {
  return { asset, from, to, codeVersion: version(digit) };
}

function ask(given: Partial<BackfillQuestion>): BackfillQuestion {
  return {
    ranges: [{ from: 0, to: 10 }],
    only: 'missing',
    assets: ASSETS,
    events: EVENTS,
    made: [],
    inputChanged: [],
    failed: [],
    ...given,
  };
}

const MIXED = {
  made: [
    // Not in order: the ledger is asked asset by asset.
    made(TRIP, 1, 4),
    made(TRIP, 4, 6, '1'),
    made(PLACE, 1, 3),
    made(PLACE, 4, 8),
    made(EVENTS, 1, 8),
    made(TRIP, 6, 8),
  ],
  inputChanged: [{ from: 5, to: 7 }],
  failed: [
    { from: 0, to: 1 },
    { from: 7, to: 8 },
  ],
};

const NEVER_MADE = { reason: 'missing', why: 'Never made.', fromTransform: false };
const MISSING = [
  { from: 0, to: 1, reason: 'missing', why: 'Never made. Its last run failed.', fromTransform: false },
  { from: 3, to: 4, reason: 'missing', why: 'Never made: rides/place.', fromTransform: true },
  { from: 8, to: 10, ...NEVER_MADE },
];
const STALE = [
  {
    from: 4,
    to: 5,
    reason: 'code_changed',
    why: 'Its code changed since it was made: rides/trip.',
    fromTransform: true,
  },
  { from: 5, to: 7, reason: 'input_changed', why: 'Its input changed since it was made.', fromTransform: false },
];
const FAILED = { from: 7, to: 8, reason: 'failed', why: 'Its last run failed.', fromTransform: false };
const ASKED = {
  from: 1,
  to: 3,
  reason: 'asked',
  why: 'Asked for; nothing is known to have changed.',
  fromTransform: false,
};

describe('planBackfill', () => {
  test('plans what is missing: never made, or one of its assets never', () => {
    expect(planBackfill(ask({ ...MIXED, only: 'missing' }))).toEqual(MISSING);
  });

  test('plans what is stale, and goes by the merged object where only the code changed', () => {
    expect(planBackfill(ask({ ...MIXED, only: 'stale' }))).toEqual(STALE);
  });

  test('plans what failed, made before or not', () => {
    expect(planBackfill(ask({ ...MIXED, only: 'failed' }))).toEqual([MISSING[0], FAILED]);
  });

  test('plans all, each window for its most telling reason', () => {
    expect(planBackfill(ask({ ...MIXED, only: 'all' }))).toEqual([
      MISSING[0],
      ASKED,
      MISSING[1],
      ...STALE,
      FAILED,
      MISSING[2],
    ]);
  });

  test('needs the source where the merged object itself is of old code', () => {
    const entries = [made(EVENTS, 0, 1, '1'), made(TRIP, 0, 1), made(PLACE, 0, 1)];
    expect(planBackfill(ask({ made: entries, only: 'stale' }))).toEqual([
      {
        from: 0,
        to: 1,
        reason: 'code_changed',
        why: 'Its code changed since it was made: rides/events.',
        fromTransform: false,
      },
    ]);
  });

  test('a derived asset has no merged object to begin with', () => {
    const assets = [{ asset: TRIP, codeVersion: version('2') }];
    expect(planBackfill(ask({ assets, events: undefined, made: [made(TRIP, 0, 10, '1')], only: 'stale' }))).toEqual([
      {
        from: 0,
        to: 10,
        reason: 'code_changed',
        why: 'Its code changed since it was made: rides/trip.',
        fromTransform: false,
      },
    ]);
  });

  test('nothing to do is an empty plan', () => {
    expect(planBackfill(ask({ ranges: [], only: 'all' }))).toEqual([]);
    expect(planBackfill(ask({ made: [EVENTS, TRIP, PLACE].map((asset) => made(asset, -5, 15)) }))).toEqual([]);
  });

  test('entries of the ledger beyond the range, or of assets no longer defined, change nothing', () => {
    const stray = [made(assetKey('rides/gone'), 0, 10, '1'), made(TRIP, 10, 20), made(TRIP, -10, 0)];
    expect(planBackfill(ask({ made: stray }))).toEqual([{ from: 0, to: 10, ...NEVER_MADE }]);
  });

  test('each window is planned once, and every choice is what it says of that window alone', () => {
    const anyRange = fc
      .tuple(fc.integer({ min: -2, max: 20 }), fc.integer({ min: 0, max: 6 }))
      .map(([from, length]): IndexRange => ({ from, to: from + length }));
    const anyRanges = fc.array(anyRange, { maxLength: 5 }).map((ranges) => uniteRanges(ranges));
    // One entry at most for each window and asset, as the ledger promises.
    const anyMade = fc.array(fc.constantFrom(undefined, '1', '2'), { minLength: 60, maxLength: 60 }).map((digits) =>
      digits.flatMap((digit, at): MadeRange[] => {
        const asset = ASSETS[at % 3]?.asset ?? EVENTS;
        const index = Math.floor(at / 3);
        return digit === undefined ? [] : [made(asset, index, index + 1, digit)];
      }),
    );
    const anyOnly = fc.constantFrom<BackfillOnly>('missing', 'failed', 'stale', 'quarantined', 'all');
    const anyHeld = fc.record({ lines: anyRanges, files: anyRanges });
    fc.assert(
      fc.property(
        anyRanges,
        anyOnly,
        anyMade,
        anyRanges,
        anyRanges,
        anyHeld,
        (ranges, only, made, inputChanged, failed, held) => {
          const planned = [
            ...listPlanned(planBackfill(ask({ ranges, only, made, inputChanged, failed, held })), 'oldest'),
          ];
          const holds = (list: readonly IndexRange[], index: number) =>
            list.some(({ from, to }) => from <= index && index < to);
          const expected = Array.from({ length: 40 }, (_, n) => n - 5).filter((index) => {
            const entries = made.filter(({ from }) => from === index);
            const isStale =
              holds(inputChanged, index) || entries.some(({ codeVersion }) => codeVersion !== version('2'));
            const isWanted = {
              missing: entries.length < 3,
              failed: holds(failed, index),
              stale: entries.length === 3 && isStale,
              quarantined: holds(held.lines, index) || holds(held.files, index),
              derived: entries.length === 3,
              all: true,
            }[only];
            return holds(ranges, index) && isWanted;
          });
          expect(planned.map(({ index }) => index)).toEqual(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('windows that hold lines back begin with the lake, those with files that could not be used with the source', () => {
    const whole = [made(EVENTS, 0, 6), made(TRIP, 0, 1), made(TRIP, 1, 6, '1'), made(PLACE, 0, 6)];
    const held = { lines: [{ from: 0, to: 3 }], files: [{ from: 2, to: 4 }] };
    const unusable = { reason: 'quarantined', why: 'Files of it could not be used.', fromTransform: false };
    expect(planBackfill(ask({ only: 'quarantined', made: whole, held }))).toEqual([
      {
        from: 0,
        to: 1,
        reason: 'quarantined',
        why: 'Lines of it are held back, by the code of today.',
        fromTransform: true,
      },
      { from: 1, to: 2, reason: 'quarantined', why: 'Lines of it are held back, by other code.', fromTransform: true },
      { from: 2, to: 4, ...unusable },
    ]);
  });

  test('plans 200,000 windows by ranges, and 10,000 holes within a second', () => {
    const ranges = [{ from: 0, to: 200_000 }];
    const whole = [EVENTS, TRIP, PLACE].map((asset) => made(asset, 100, 199_000));
    expect(planBackfill(ask({ ranges, made: whole }))).toEqual([
      { from: 0, to: 100, ...NEVER_MADE },
      { from: 199_000, to: 200_000, ...NEVER_MADE },
    ]);

    const everySecond = [EVENTS, TRIP, PLACE].flatMap((asset) =>
      Array.from({ length: 10_000 }, (_, n) => made(asset, n * 2, n * 2 + 1)),
    );
    const startedAt = performance.now();
    const plan = planBackfill(ask({ ranges: [{ from: 0, to: 20_000 }], made: everySecond }));
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect([plan.length, countWindows(plan), plan.at(-1)?.from]).toEqual([10_000, 10_000, 19_999]);
  });
});

describe('listPlanned', () => {
  const plan = planBackfill(ask({ ...MIXED, only: 'missing' }));

  test('begins at the end that was asked for', () => {
    expect([...listPlanned(plan, 'oldest')].map(({ index }) => index)).toEqual([0, 3, 8, 9]);
    expect([...listPlanned(plan, 'newest')].map(({ index }) => index)).toEqual([9, 8, 3, 0]);
  });

  test('gives each window its reason', () => {
    const [newest] = listPlanned(plan, 'newest');
    expect(newest).toEqual({ index: 9, ...NEVER_MADE });
  });
});
