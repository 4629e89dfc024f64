import type { SqlPart } from '../model/derived-spec.ts';
import type { Window } from '../model/window.ts';
import { quoteIdentifier } from './identifier.ts';

/** A statement as Postgres takes it, with the values of its `$1`, `$2` and so on. */
export interface RenderedStatement {
  readonly statement: string;
  readonly parameters: readonly [];
}

/**
 * The SQL of one partition of a derived asset; `window` is undefined for one without partitions. The window stands in it
 * as a constant: Postgres plans for its very times, and a view can be made of it. It ends with a line break, so that
 * what is put behind it is not within a comment of its last line.
 */
export function renderStatement(parts: readonly SqlPart[], window: Window | undefined): RenderedStatement {
  const statement = parts.map((part) => renderPart(part, window)).join('');
  return { statement: `${statement}\n`, parameters: [] };
}

function renderPart(part: SqlPart, window: Window | undefined): string {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'table':
      return `${quoteIdentifier(part.schema)}.${quoteIdentifier(part.name)}`;
    case 'in_window': {
      const table = `${quoteIdentifier(part.schema)}.${quoteIdentifier(part.name)}`;
      return [
        `(select each.* from ${table} as each`,
        'join hourloom.materialization as made on made.load_id = each.load_id',
        `where made.asset = '${part.asset}' and made.visible and made.partition <@ ${renderWindow(window)})`,
      ].join(' ');
    }
    case 'held_back':
      return [
        '(select partition, source_key, line, reason, detail, excerpt from hourloom.held_back',
        `where asset = '${part.asset}' and partition <@ ${renderWindow(window)})`,
      ].join(' ');
    case 'makings':
      return [
        '(select partition, row_count as rows, published_at from hourloom.materialization',
        `where asset = '${part.asset}' and visible and partition <@ ${renderWindow(window)})`,
      ].join(' ');
    case 'window':
      return renderWindow(window);
  }
}

function renderWindow(window: Window | undefined): string {
  if (!window) throw new Error('A statement asks for a window, but its asset has no partitions.');
  return `'[${new Date(window.start).toISOString()},${new Date(window.end).toISOString()})'::tstzrange`;
}
