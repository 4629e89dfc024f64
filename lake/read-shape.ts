import type { DuckDBConnection, DuckDBType } from '@duckdb/node-api';

/** A column of what a statement gives. */
export interface ShapeColumn {
  readonly name: string;
  readonly type: DuckDBType;
}

/** The columns that a statement gives, without running it. Errors are DuckDB's own. */
export async function readShape(connection: DuckDBConnection, statement: string): Promise<readonly ShapeColumn[]> {
  const shape = await connection.prepare(statement);
  const columns = Array.from({ length: shape.columnCount }, (_, index) => ({
    name: shape.columnName(index),
    type: shape.columnType(index),
  }));
  shape.destroySync();
  return columns;
}
