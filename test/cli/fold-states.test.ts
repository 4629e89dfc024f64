import { expect, test } from 'vitest';
import { foldStates } from '../../cli/fold-states.ts';
import { assetKey, version } from '../model/specs.ts';

const nothing = { empty: [], quarantined: [], inputChanged: [], due: [], open: [], unsettled: [], failed: [] };
const windows = (from: number, to: number) => [{ from, to }];

test('windows that were never made wait for their documents, but for those that failed or have an open run', () => {
  const made = [{ asset: assetKey('exports/rows'), codeVersion: version('1'), from: 4, to: 5 }];
  const states = foldStates({
    ...nothing,
    ...{ range: { from: 0, to: 12 }, codeVersion: version('1'), made, empty: windows(4, 5), due: windows(0, 8) },
    ...{ open: [...windows(6, 7), ...windows(9, 10)], unsettled: windows(9, 99), failed: windows(7, 8) },
    awaited: windows(3, 9),
  });
  expect(states).toEqual({
    missing: [...windows(0, 4), ...windows(5, 12)],
    empty: windows(4, 5),
    fresh: [],
    stale: [],
    waiting: [...windows(3, 4), ...windows(5, 6), ...windows(8, 10)],
    running: windows(6, 7),
    failed: windows(7, 8),
    idle: [...windows(0, 3), ...windows(4, 5), ...windows(10, 12)],
    late: [...windows(0, 4), ...windows(5, 8)],
    quarantined: [],
  });
});
