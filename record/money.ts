import * as v from 'valibot';
import type { GenericSchema } from 'valibot';
import type { OwnType } from './contract-types.ts';
import { isDecimal, numericType } from './decimal.ts';
import type { DecimalSize } from './decimal.ts';

/** An exact decimal, checked by `money()`: text or number as the record has it; read from a table it is text. */
export type Money = (string | number) & v.Brand<'Money'>;

/** As many as `numeric` of Postgres takes with a size. */
const MAX_PRECISION = 1_000;

/**
 * An exact decimal as text (`"21.00"`) or number; a `numeric` column, of 19 digits with 4 of them after the point where
 * nothing else is said. A value with more digits than that is a misfit: nothing is rounded.
 */
export function money({ precision = 19, scale = 4 }: Partial<DecimalSize> = {}): GenericSchema<string | number, Money> {
  const size = { precision, scale };
  if (!Number.isInteger(precision) || !Number.isInteger(scale) || scale < 0) throw sizeError(size);
  if (precision < 1 || precision > MAX_PRECISION || scale > precision) throw sizeError(size);
  const own: OwnType = { type: numericType(size) };
  const expected = `a decimal with at most ${precision - scale} digits before and ${scale} after the point`;
  return v.pipe(
    v.union([v.string(), v.number()]),
    v.rawCheck(({ dataset, addIssue }) => {
      if (dataset.typed && !isDecimal(dataset.value, size)) addIssue({ expected });
    }),
    v.metadata({ hourloom: own }),
    v.brand('Money'),
  );
}

function sizeError({ precision, scale }: DecimalSize): RangeError {
  return new RangeError(
    `money(): precision ${precision} with scale ${scale} is no size. Write whole numbers, as in { precision: 12, scale: 2 }.`,
  );
}
