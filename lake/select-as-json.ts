import { DuckDBTypeId } from '@duckdb/node-api';
import type { DuckDBType } from '@duckdb/node-api';
import type { ShapeColumn } from './read-shape.ts';

/**
 * The SQL expression that gives a row as one JSON object, names and order as they are. Numbers keep all their digits;
 * what JSON has no word for becomes text: dates and times as RFC 3339 writes them (with `Z` where the column is in UTC),
 * bytes as base64, `NaN` and the infinities by their names.
 */
export function selectAsJson(columns: readonly ShapeColumn[]): string {
  return `to_json(${pack(columns, (name) => quote(name))})::varchar`;
}

function pack(fields: readonly ShapeColumn[], valueOf: (name: string) => string): string {
  return `struct_pack(${fields.map(({ name, type }) => `${quote(name)} := ${express(valueOf(name), type)}`).join(', ')})`;
}

/** `value` is SQL that may be said more than once. */
function express(value: string, type: DuckDBType): string {
  switch (type.typeId) {
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return `case when isfinite(${value}) then ${value}::varchar::json else to_json(${value}::varchar) end`;
    case DuckDBTypeId.TIMESTAMP_TZ:
      return `strftime(${value} at time zone 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')`;
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP_NS:
      return `replace(${value}::varchar, ' ', 'T')`;
    case DuckDBTypeId.BLOB:
      return `to_base64(${value})`;
    case DuckDBTypeId.STRUCT: {
      const { entryNames, entryTypes } = type;
      const fields = entryNames.map((name, index) => ({ name, type: entryTypes[index]! }));
      return `case when ${value} is null then null else ${pack(fields, (name) => `${value}.${quote(name)}`)} end`;
    }
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
      return expressList(value, type.valueType);
    case DuckDBTypeId.MAP: {
      const { valueType } = type;
      const item = nameItem(value);
      return `case when ${value} is null then null else map(map_keys(${value}), list_transform(map_values(${value}), lambda ${item}: ${express(item, valueType)})) end`;
    }
    default:
      return value;
  }
}

function expressList(value: string, valueType: DuckDBType): string {
  const item = nameItem(value);
  return `list_transform(${value}, lambda ${item}: ${express(item, valueType)})`;
}

/** A name that nothing around it has: lists stand within lists. */
function nameItem(value: string): string {
  return `item${value.length}`;
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
