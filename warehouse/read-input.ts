import type { ColumnSpec } from '../model/column.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import { isShown } from '../model/rule-set.ts';
import type { Window } from '../model/window.ts';
import type { InputRow } from '../record/derived-function.ts';
import { quoteIdentifier } from '../record/identifier.ts';
import type { Transaction } from './open-warehouse.ts';
import type { InTurn } from './take-turns.ts';

/** Of how many rows a reader holds at most. */
const PAGE_ROWS = 1_000;

/** The table of an asset, and its partitions that start within a span of time. */
export interface InputTable {
  readonly table: TableSpec;
  readonly partitions: Window;
}

/**
 * Streams the visible rows of an input, ordered by partition and then by key, through a cursor of the transaction:
 * a page is fetched when the one before is used up. What is published meanwhile is not seen. `cursor` is a name of its
 * own within the transaction; each statement waits for its turn.
 */
export async function* readInput(
  tx: Transaction,
  inTurn: InTurn,
  { table, partitions }: InputTable,
  cursor: string,
): AsyncGenerator<InputRow, void, undefined> {
  const parameters = [table.asset, new Date(partitions.start), new Date(partitions.end)];
  yield* streamRows(tx, inTurn, { select: selectVisible(table), parameters, cursor });
}

/** A statement whose rows are streamed; `cursor` is a name of its own within the transaction. */
export interface StreamedStatement {
  readonly select: string;
  readonly parameters: readonly (string | number | Date)[];
  readonly cursor: string;
}

/** Streams what a statement gives through a cursor of the transaction, a page at a time. */
export async function* streamRows(
  tx: Transaction,
  inTurn: InTurn,
  { select, parameters, cursor }: StreamedStatement,
): AsyncGenerator<InputRow, void, undefined> {
  await inTurn(() => tx.unsafe(`declare ${cursor} no scroll cursor for ${select}`, [...parameters]));
  let isOpen = true;
  try {
    while (isOpen) {
      const page = await inTurn(() => tx.unsafe<InputRow[]>(`fetch ${PAGE_ROWS} from ${cursor}`));
      isOpen = page.length === PAGE_ROWS;
      yield* page;
    }
  } finally {
    // Otherwise it would hold its sorted rows until the commit. Where the transaction has failed, it is gone.
    await inTurn(async () => tx.unsafe(`close ${cursor}`)).catch(() => undefined);
  }
}

function selectVisible({ schema, name, columns, key }: TableSpec): string {
  return [
    `select ${columns.filter(isShown).map(selectInputColumn).join(', ')}`,
    `from ${quoteIdentifier(schema)}.${quoteIdentifier(name)} as input`,
    'join hourloom.materialization as made on made.load_id = input.load_id',
    'where made.asset = $1',
    'and made.partition >= $2',
    'and made.partition < $3',
    'and made.visible',
    `order by ${['made.partition', ...key.map((column) => `input.${quoteIdentifier(column)}`)].join(', ')}`,
  ].join('\n');
}

/** A time as the text that a contract's `timestamp()` takes, to the microsecond, which a `Date` would cut off. */
export function selectInputColumn({ name, type }: ColumnSpec): string {
  const column = `input.${quoteIdentifier(name)}`;
  if (type !== 'timestamptz') return column;
  return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as ${quoteIdentifier(name)}`;
}
